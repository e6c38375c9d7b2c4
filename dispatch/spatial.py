"""One geometry column type for both databases; rows always hand out shapely geometries."""

from __future__ import annotations

from typing import Any

import shapely
from geoalchemy2 import Geometry
from geoalchemy2.shape import from_shape, to_shape
from sqlalchemy import LargeBinary
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from dispatch.geo import SRID


class ShapelyGeometry(TypeDecorator[Any]):
    """``geometry(kind, 4326)`` with a GiST index on PostgreSQL, WKB bytes on SQLite."""

    impl = Geometry
    cache_ok = True

    def __init__(self, kind: str) -> None:
        super().__init__(kind, srid=SRID)
        self.kind = kind

    def load_dialect_impl(self, dialect: Dialect | None) -> TypeEngine[Any]:
        """GeoAlchemy2's events ask with no dialect and need a Geometry then."""
        if dialect is not None and dialect.name == "sqlite":
            return dialect.type_descriptor(LargeBinary())
        return Geometry(self.kind, srid=SRID)

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Shapely in: WKB on SQLite, an EWKB element on PostGIS."""
        if value is None:
            return None
        return shapely.to_wkb(value) if dialect.name == "sqlite" else from_shape(value, srid=SRID)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Shapely out on both databases."""
        if value is None:
            return None
        return shapely.from_wkb(value) if dialect.name == "sqlite" else to_shape(value)
