"""How long a crew takes: breaks after hours at the wheel, sleep after a day's driving.  Pure."""

from __future__ import annotations

from dataclasses import dataclass

from dispatch.routing.rates import DrivingRules


@dataclass
class Crew:
    """Seconds driven since the last break and since the last sleep."""

    rules: DrivingRules
    since_break_s: int = 0
    since_sleep_s: int = 0

    def drive(self, seconds: int) -> int:
        """Drive so long; the seconds that breaks and sleep on the way take."""
        stood = 0
        left = seconds
        while left > 0:
            until_break = self.rules.rest_after_s - self.since_break_s
            until_sleep = self.rules.day_s - self.since_sleep_s
            if until_sleep <= 0:
                stood += self.stand(self.rules.sleep_s)
            elif until_break <= 0:
                stood += self.stand(self.rules.rest_s)
            else:
                part = min(left, until_break, until_sleep)
                self.since_break_s += part
                self.since_sleep_s += part
                left -= part
        return stood

    def stand(self, seconds: int) -> int:
        """Stand so long (unloading, waiting); long enough counts as break or sleep."""
        if seconds >= self.rules.rest_s:
            self.since_break_s = 0
        if seconds >= self.rules.sleep_s:
            self.since_sleep_s = 0
        return seconds


def stops_on_the_way_s(drive_s: int, rules: DrivingRules) -> int:
    """Breaks and sleep of a rested crew on a drive of so many seconds.

    The same as ``Crew(rules).drive(drive_s)``, without going through the day.
    """
    if drive_s <= 0:
        return 0
    nights = (drive_s - 1) // rules.day_s
    last_day_s = drive_s - nights * rules.day_s
    a_day = _breaks(rules.day_s, rules) if nights else 0
    return nights * (rules.sleep_s + a_day) + _breaks(last_day_s, rules)


def _breaks(drive_s: int, rules: DrivingRules) -> int:
    """Breaks within one day's driving."""
    return (drive_s - 1) // rules.rest_after_s * rules.rest_s
