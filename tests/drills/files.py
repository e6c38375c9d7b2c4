"""Small scenario files for tests."""

import io
import textwrap

from dispatch.drills.library import shipped_names
from dispatch.drills.model import Scenario
from dispatch.drills.parse import Asked, parse

HEAD = """\
id: test-quake
name_zh: 测试地震
name_en: Test quake
hazard: earthquake
started_at: '2015-04-15T15:39:00+08:00'
magnitude: {scale: M, value: 5.8}
epicentre: {lon: 106.3, lat: 39.8}
counties:
- {adcode: '152921', name: 阿拉善左旗}
sources:
  s1: {url: null, title: 测试来源}
"""
QUAKE = """\
timeline:
- at: '2015-04-15T15:39:00+08:00'
  kind: alert
  county: '152921'
  source: s1
- at: '2015-04-15T18:00:00+08:00'
  kind: report
  county: '152921'
  facts: {relocated: 700, deaths: null}
  source: s1
- at: '2015-04-16T00:00:00+08:00'
  at_precision: day
  kind: dispatch
  county: '152921'
  goods:
  - {item: tent, qty: 200}
  arrival: at
  source: s1
"""


def read(text: str, *, shipped: bool = False) -> Scenario:
    stream = io.BytesIO(textwrap.dedent(text).encode())
    return parse(stream, Asked("test.yaml", shipped_names(), shipped))


def quake(injects: str = "") -> Scenario:
    return read(HEAD + QUAKE + injects)
