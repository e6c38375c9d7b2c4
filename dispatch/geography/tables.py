"""Rows of leagues and counties."""

from __future__ import annotations

from shapely import Point
from shapely.geometry.base import BaseGeometry
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.db import Base
from dispatch.spatial import ShapelyGeometry


class LeagueRow(Base):
    """One of the 12 leagues and cities."""

    __tablename__ = "league"
    adcode: Mapped[str] = mapped_column(String(6), primary_key=True)
    name_zh: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(60))


class CountyRow(Base):
    """One of the 103 counties with its seat and full-detail polygon."""

    __tablename__ = "county"
    adcode: Mapped[str] = mapped_column(String(6), primary_key=True)
    name_zh: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(80))
    league_adcode: Mapped[str] = mapped_column(ForeignKey("league.adcode"))
    seat: Mapped[Point] = mapped_column(ShapelyGeometry("POINT"))
    area_km2: Mapped[int]
    population: Mapped[int]
    is_district: Mapped[bool]
    shape: Mapped[BaseGeometry] = mapped_column(ShapelyGeometry("GEOMETRY"))
