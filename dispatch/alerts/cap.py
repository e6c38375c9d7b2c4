"""CAP 1.2 XML → warnings, in named steps: safe tree, structure, values, languages joined."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from dispatch.alerts.faults import at, bad, missing
from dispatch.alerts.identifiers import CLAIM, NATIONAL, canonical_identifier
from dispatch.alerts.infos import CapInfo, join_languages, read_info
from dispatch.alerts.schema import CAP, check_structure, text_of
from dispatch.alerts.values import read_references, read_time
from dispatch.errors import InvalidInput

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 32
MAX_INFOS = 100
MAX_SHAPES = 200
MAX_POINTS = 20_000
WITHOUT_INFO = ("Cancel", "Ack", "Error")


@dataclass(frozen=True, slots=True)
class CapMessage:
    """A CAP message after reading; ``infos`` are its warnings, none in a bare Cancel.

    ``references`` are the identifiers of earlier messages in their canonical spelling.
    """

    identifier: str
    sender: str
    sent: datetime
    status: str
    msg_type: str
    scope: str
    references: tuple[str, ...]
    infos: tuple[CapInfo, ...]


def parse(document: bytes) -> CapMessage:
    """Read one document; every fault is an ``InvalidInput`` that says what, where and how to mend.

    Which looser forms than the schema's are taken is told in ``schema`` and ``values``.
    """
    root = safe_tree(document)
    check_size_of_parts(root)
    check_structure(root)
    sent = read_time("sent", text_of(root, "sent"))
    msg_type = text_of(root, "msgType")
    references = read_references(text_of(root, "references"))
    infos = [
        read_info(info, sent, f"alert/info[{number}]")
        for number, info in enumerate(root.findall(CAP + "info"), 1)
    ]
    if not infos and msg_type not in WITHOUT_INFO:
        with at("alert/info"):
            raise missing("info")
    if msg_type == "Cancel" and not references:
        with at("alert/references"):
            raise missing("references")
    return CapMessage(
        identifier=_identifier(text_of(root, "identifier")),
        sender=text_of(root, "sender"),
        sent=sent,
        status=text_of(root, "status"),
        msg_type=msg_type,
        scope=text_of(root, "scope"),
        references=references,
        infos=join_languages(infos),
    )


def safe_tree(document: bytes) -> Element:
    """The root of a small, plain, well-formed CAP 1.2 document; DOCTYPE is refused."""
    root = plain_xml(document)
    if root.tag != CAP + "alert":
        raise bad(
            f"The root element is {root.tag[:200]!r}, not a CAP 1.2 alert.",
            "Use <alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\">.",
            f"根元素是 {root.tag[:200]!r}，不是 CAP 1.2 的 alert。",
            "请使用 CAP 1.2 命名空间的 <alert>。",
        )
    return root


def plain_xml(document: bytes) -> Element:
    """The root of any XML document that is small, flat enough and without a DOCTYPE."""
    if len(document) > MAX_BYTES:
        raise bad(
            f"The document has {len(document):,} bytes; a warning has less than {MAX_BYTES:,}.",
            "Send the CAP document alone.",
            f"文件有 {len(document):,} 字节，超过上限 {MAX_BYTES:,}。",
            "请只发送 CAP 文件本身。",
        )
    try:
        root: Element = ElementTree.fromstring(document, forbid_dtd=True)
    except DefusedXmlException as error:
        raise bad(
            "The document declares a DOCTYPE or entities, which is not accepted.",
            "Send plain CAP 1.2 XML without a DOCTYPE.",
            "文件含有 DOCTYPE 或实体声明，不予接收。",
            "请发送不含 DOCTYPE 的 CAP 1.2 XML。",
        ) from error
    except (ParseError, ValueError, LookupError) as error:
        raise bad(
            f"The document is not well-formed XML: {error}.",
            "Check the place named and that the encoding declared is the one used (UTF-8).",
            f"文件不是格式正确的 XML：{error}。",
            "请检查所指位置，并确认声明的编码与实际一致（UTF-8）。",
        ) from error
    _check_depth(root)
    return root


def _check_depth(root: Element) -> None:
    level = [root]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in node]
        if not level:
            return
    raise bad(
        f"The elements are nested more than {MAX_DEPTH} deep.", "Send plain CAP 1.2 XML.",
        f"元素嵌套超过 {MAX_DEPTH} 层。", "请发送普通的 CAP 1.2 XML。",
    )


def check_size_of_parts(root: Element) -> None:
    """Bound what is worked on: blocks, shapes and points a real warning never reaches."""
    infos = root.findall(CAP + "info")
    shapes = [s for i in infos for a in i.findall(CAP + "area") for s in a
              if s.tag in (CAP + "polygon", CAP + "circle")]
    points = sum((shape.text or "").count(",") for shape in shapes)
    for count, most, en, zh in (
        (len(infos), MAX_INFOS, "<info> blocks", "个 <info>"),
        (len(shapes), MAX_SHAPES, "polygons and circles", "个多边形和圆形"),
        (points, MAX_POINTS, "polygon points", "个多边形顶点"),
    ):
        if count > most:
            raise bad(
                f"The document has {count:,} {en}; at most {most:,} are read.",
                "Name counties by code, draw coarser polygons, or split the message.",
                f"文件含 {count:,} {zh}，上限为 {most:,}。",
                "请用区划代码列出旗县、简化多边形，或拆分消息。",
            )


def _identifier(written: str) -> str:
    identifier = canonical_identifier(written)
    if CLAIM.match(identifier) and not NATIONAL.fullmatch(identifier):
        with at("alert/identifier"):
            raise _not_national(identifier)
    return identifier


def _not_national(identifier: str) -> InvalidInput:
    return bad(
        f"The identifier {identifier} is not of the national form.",
        "Write 14 digits, _, 14 digits of time, and _N at the end (31 characters).",
        f"预警标识 {identifier} 不符合国家格式。",
        "应为 14 位编码_14 位时间_1 位序号，共 31 个字符。",
    )
