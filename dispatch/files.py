"""Files that appear only when they are whole."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dispatch.errors import InvalidInput, Unavailable


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A file beside ``path`` to write to; it takes that name when it is finished and on the disk.

    What stood under the name before stays until then.  Raises ``InvalidInput`` where the path
    cannot be written, ``Unavailable`` where room ran out.
    """
    partial = path.with_name(path.name + ".part")
    try:
        yield partial
        with partial.open("rb") as written:
            os.fsync(written.fileno())
        partial.replace(path)
    except (FileNotFoundError, NotADirectoryError, PermissionError, IsADirectoryError) as error:
        raise InvalidInput(
            f"The file cannot be written to {path}: {error.strerror}.", remedy="Name a file in a folder that is there and may be written.",
            zh=f"无法写入文件 {path}：{error.strerror}。", remedy_zh="请指定一个存在且可写的文件夹中的文件。",
        ) from error
    except OSError as error:
        raise Unavailable(
            f"The file {path} was not finished: {error.strerror}. An older file of that name is untouched.",
            remedy="Make room on the disk or name another one, then start again.",
            zh=f"文件 {path} 未写完：{error.strerror}。原有同名文件未受影响。", remedy_zh="请腾出磁盘空间或换一个位置后重试。",
        ) from error
    finally:
        if partial.is_file():
            partial.unlink()
