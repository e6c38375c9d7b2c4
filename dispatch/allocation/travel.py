"""Travel times as a grid: the same look-up as a dict, a hundredth of the room."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from dispatch.errors import InvalidInput

NO_ROAD = -1


class TravelGrid(Mapping[tuple[str, str], int]):
    """(warehouse code, county adcode) to seconds; ``seconds[i, j]`` is -1 without a road."""

    def __init__(
        self, warehouses: Sequence[str], counties: Sequence[str], seconds: NDArray[np.int64]
    ) -> None:
        self.warehouses, self.counties, self.seconds = tuple(warehouses), tuple(counties), seconds
        self.row = {code: i for i, code in enumerate(self.warehouses)}
        self.column = {code: j for j, code in enumerate(self.counties)}
        if seconds.shape != (len(self.row), len(self.column)):
            raise InvalidInput(
                f"The travel grid is {seconds.shape} for {len(self.row)} different warehouses and "
                f"{len(self.column)} different counties.",
                remedy="Give one row per warehouse and one column per county, each named once.",
                zh="行车时间表的行列数与仓库、旗县数不符。",
                remedy_zh="每个仓库一行，每个旗县一列，各出现一次。",
            )

    def __getitem__(self, pair: tuple[str, str]) -> int:
        seconds = int(self.seconds[self.row[pair[0]], self.column[pair[1]]])
        if seconds < 0:
            raise KeyError(pair)
        return seconds

    def __iter__(self) -> Iterator[tuple[str, str]]:
        for i, j in np.argwhere(self.seconds >= 0):
            yield self.warehouses[i], self.counties[j]

    def __len__(self) -> int:
        return int((self.seconds >= 0).sum())


def grid_of(
    travel_s: Mapping[tuple[str, str], int], warehouses: Sequence[str], counties: Sequence[str]
) -> TravelGrid:
    """The grid of these warehouses (rows) and counties (columns), whatever the mapping holds more."""
    if isinstance(travel_s, TravelGrid):
        rows = np.array([travel_s.row.get(code, -1) for code in warehouses], dtype=np.int64)
        columns = np.array([travel_s.column.get(code, -1) for code in counties], dtype=np.int64)
        if not travel_s.seconds.size:
            return TravelGrid(warehouses, counties, np.full((len(rows), len(columns)), NO_ROAD))
        seconds = travel_s.seconds[np.ix_(rows, columns)].astype(np.int64)
        seconds[rows < 0, :] = NO_ROAD
        seconds[:, columns < 0] = NO_ROAD
        return TravelGrid(warehouses, counties, seconds)
    seconds = np.full((len(warehouses), len(counties)), NO_ROAD, dtype=np.int64)
    row = {code: i for i, code in enumerate(warehouses)}
    column = {code: j for j, code in enumerate(counties)}
    for (warehouse, county), value in travel_s.items():
        i, j = row.get(warehouse), column.get(county)
        if i is not None and j is not None:
            seconds[i, j] = value
    return TravelGrid(warehouses, counties, seconds)
