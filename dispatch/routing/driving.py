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


def stops_on_the_way_s(drive_s: int, rules: DrivingRules, driven_s: int = 0) -> int:
    """Breaks and sleep on a drive of so many seconds, by a crew that has just had a break and
    has driven ``driven_s`` (at most a day's driving) since its last sleep.

    The same as ``Crew(rules, 0, driven_s).drive(drive_s)``, without going through the day.
    """
    first_day_s = rules.day_s - driven_s
    if drive_s <= first_day_s:
        return _breaks(drive_s, rules)
    left = drive_s - first_day_s
    nights = (left - 1) // rules.day_s
    whole_days = nights * (rules.sleep_s + _breaks(rules.day_s, rules)) if nights else 0
    last_day_s = left - nights * rules.day_s
    return _breaks(first_day_s, rules) + rules.sleep_s + whole_days + _breaks(last_day_s, rules)


def _breaks(drive_s: int, rules: DrivingRules) -> int:
    """Breaks within one day's driving."""
    return max(0, drive_s - 1) // rules.rest_after_s * rules.rest_s
