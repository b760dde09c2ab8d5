#!/usr/bin/env python3
"""Compares the service's public holidays of 2020 to 2040 with the package `holidays` of PyPI. Run by with-service.mjs.

Dates, categories and English names must be the package's. What may differ stands in the tables below, each with its
reason. Anything else fails, and so does an entry of a table that has stopped being true.

Exit: 0 alike, 1 unlike, 2 not compared.
"""

import json
import os
import sys
import urllib.request
from collections import Counter, defaultdict
from datetime import date
from typing import NamedTuple

try:
    import holidays
except ImportError:
    holidays = None

VERSION = "0.109"
YEARS = range(2020, 2041)

# The countries that must be in the input, with their regions.
COUNTRIES = {
    "SE": (),
    "NO": (),
    "DK": (),
    "FI": (),
    "DE": tuple("BB BE BW BY HB HE HH MV NI NW RP SH SL SN ST TH".split()),
    "NL": (),
    "GB": ("ENG", "NIR", "SCT", "WLS"),
    "FR": ("57", "6AE", "971", "972", "973", "974", "976"),
    "IE": (),
    "BE": (),
    "AT": (),
    "PL": (),
    "US": (),
}

# The package's category that answers to EVE. PUBLIC answers to its "public" everywhere.
EVES = {"SE": "de_facto", "DK": "optional"}


class Allowed(NamedTuple):
    """A holiday that only one side has, so many times in all the years."""

    country: str
    region: str | None
    side: str
    category: str
    name: str
    times: int
    reason: str


THEIRS = "only in the package"
OURS = "only in the service"
N = len(YEARS)
UNNAMED = (
    "A Sunday is no holiday for being one, and the law does not name it (Netherlands: Algemene termijnenwet article 3; "
    "Belgium: royal decree of 18 April 1974)."
)
CUSTOM = "Kept by custom: Code du travail L3133-1 and L3422-2 do not name it for this department."

ALLOWED = [
    Allowed("NL", None, THEIRS, "PUBLIC", "Good Friday", N,
            "Algemene termijnenwet article 3 equates it for time limits alone, and most people work."),
    Allowed("NL", None, THEIRS, "PUBLIC", "Easter Sunday", N, UNNAMED),
    Allowed("NL", None, THEIRS, "PUBLIC", "Whit Sunday", N, UNNAMED),
    Allowed("BE", None, THEIRS, "PUBLIC", "Easter Sunday", N, UNNAMED),
    Allowed("BE", None, THEIRS, "PUBLIC", "Whit Sunday", N, UNNAMED),
    Allowed("DK", None, THEIRS, "EVE", "Labour Day", N,
            "1 May is a day off only where an agreement says so; shops and Danmarks Nationalbank are open."),
    Allowed("FR", "971", THEIRS, "PUBLIC", "Good Friday", N, CUSTOM),
    Allowed("FR", "971", THEIRS, "PUBLIC", "Mi-Careme", N, CUSTOM),
    Allowed("FR", "971", THEIRS, "PUBLIC", "Victor Schoelcher Day", N, CUSTOM),
    Allowed("FR", "972", THEIRS, "PUBLIC", "Victor Schoelcher Day", N, CUSTOM),
]

# Holidays that both sides have, which the service puts in another category.
COUNTED_AS = {
    ("FI", "PUBLIC", "Midsummer Eve"): (
        "EVE", "No law makes it a public holiday; vuosilomalaki (162/2005) § 4 takes it out of the working days."),
    ("FI", "PUBLIC", "Christmas Eve"): (
        "EVE", "No law makes it a public holiday; vuosilomalaki (162/2005) § 4 takes it out of the working days."),
}

# Regions of the package with holidays of their own which the service does not have.
ABSENT = {
    ("DE", "Augsburg"): "A city; the service knows states.",
    ("FI", "01"): "The Åland day of 9 June frees public servants alone (landskapslag 1976:26).",
    ("FR", "BL"): "A collectivity with a country code of its own in ISO 3166.",
    ("FR", "MF"): "A collectivity with a country code of its own in ISO 3166.",
    ("FR", "NC"): "A collectivity with a country code of its own in ISO 3166.",
    ("FR", "PF"): "A collectivity with a country code of its own in ISO 3166.",
    ("FR", "WF"): "A collectivity with a country code of its own in ISO 3166.",
    ("US", "*"): "The service knows the holidays of the federation; each state adds and drops as it likes.",
}

# English names of the package, and the service's for the same day. "*" is every country without a line of its own.
NAMES = {
    ("*", "Pentecost"): "Whit Sunday",
    ("*", "Pentecost Monday"): "Whit Monday",
    ("*", "Labor Day"): "Labour Day",
    ("US", "Labor Day"): "Labor Day",
    ("DK", "Workers' Day"): "Labour Day",
    ("*", "Saint Stephen's Day"): "St Stephen's Day",
    ("FR", "Saint Stephen's Day"): "Second Day of Christmas",
    ("*", "Saint Patrick's Day"): "St Patrick's Day",
    ("IE", "Saint Brigid's Day"): "St Brigid's Day",
    ("IE", "May Bank Holiday"): "May bank holiday",
    ("IE", "June Bank Holiday"): "June bank holiday",
    ("IE", "August Bank Holiday"): "August bank holiday",
    ("IE", "October Bank Holiday"): "October bank holiday",
    ("DE", "Women's Day"): "International Women's Day",
    ("DE", "75th anniversary of the liberation from Nazism and the end of the Second World War in Europe"):
        "75th anniversary of the liberation",
    ("DE", "80th anniversary of the liberation from Nazism and the end of the Second World War in Europe"):
        "80th anniversary of the liberation",
    ("DE", "75th anniversary of the East German uprising of 1953"): "75th anniversary of the uprising of 1953",
    ("PL", "National Day"): "Labour Day",
    ("PL", "National Day of the Third of May"): "Constitution Day",
    ("PL", "National Independence Day"): "Independence Day",
    ("US", "Martin Luther King Jr. Day"): "Birthday of Martin Luther King, Jr.",
    ("GB", "May Day"): "Early May bank holiday",
    ("GB", "Spring Bank Holiday"): "Spring bank holiday",
    ("GB", "Summer Bank Holiday"): "Summer bank holiday",
    ("GB", "Late Summer Bank Holiday"): "Summer bank holiday",
    ("GB", "New Year Holiday"): "2nd January",
    ("GB", "Saint Andrew's Day"): "St Andrew's Day",
    ("GB", "Battle of the Boyne"): "Battle of the Boyne (Orangemen's Day)",
    ("GB", "New Year's Day (observed)"): "New Year's Day (substitute day)",
    ("GB", "New Year Holiday (observed)"): "2nd January (substitute day)",
    ("GB", "Saint Patrick's Day (observed)"): "St Patrick's Day (substitute day)",
    ("GB", "Battle of the Boyne (observed)"): "Battle of the Boyne (substitute day)",
    ("GB", "Saint Andrew's Day (observed)"): "St Andrew's Day (substitute day)",
    ("GB", "Christmas Day (observed)"): "Christmas Day (substitute day)",
    ("GB", "Boxing Day (observed)"): "Boxing Day (substitute day)",
    ("GB", "Platinum Jubilee of Elizabeth II"): "Platinum Jubilee bank holiday",
    ("GB", "State Funeral of Queen Elizabeth II"): "Bank holiday for the State Funeral of Queen Elizabeth II",
    ("GB", "Coronation of Charles III"): "Bank holiday for the coronation of King Charles III",
    ("GB", "Scotland's participation in the FIFA World Cup final"): "World Cup bank holiday",
}

used = Counter()


def ask(says, country, region, years):
    """The service's holidays of a country and a region, in these years."""
    fields = " ".join(
        f"y{year}: holidays(country: $country, region: $region, year: {year}) {{ date name category }}" for year in years)
    query = f"query($country: String!, $region: String) {{ {fields} }}"
    body = json.dumps({"query": query, "variables": {"country": country, "region": region}}).encode()
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {says['tokens']['owner']}"}
    with urllib.request.urlopen(urllib.request.Request(says["graphql"], body, headers), timeout=30) as response:
        answer = json.load(response)
    return [day for days in answer["data"].values() for day in days]


def read(says):
    """The service's holidays: (country, region) to a set of (date, category, name)."""
    found = defaultdict(set)
    for country, regions in COUNTRIES.items():
        for region in (None, *regions):
            # A request may ask for so many fields, and no more.
            for first in range(YEARS.start, YEARS.stop, 7):
                for day in ask(says, country, region, range(first, first + 7)):
                    found[country, region].add((date.fromisoformat(day["date"]), day["category"], day["name"]))
    return found


def package(country, region, category):
    """The package's days of one of its categories: a set of (date, English name)."""
    days = holidays.country_holidays(
        country, subdiv=region, years=YEARS, categories=(category,), language="en_US", expand=False)
    return {(day, name) for day in days for name in days.get_list(day)}


def theirs(country, region):
    """The package's holidays with the service's names and categories."""
    result = set()
    for category, its in [("PUBLIC", "public"), ("EVE", EVES.get(country))]:
        for day, name in package(country, region, its) if its else ():
            alias = next((key for key in [(country, name), ("*", name)] if key in NAMES), None)
            used[alias] += 1
            name = NAMES.get(alias, name)
            moved = (country, category, name)
            used[moved] += 1
            result.add((day, COUNTED_AS[moved][0] if moved in COUNTED_AS else category, name))
    return result


def compare(ours):
    """What is wrong, a line each."""
    wrong, seen = [], Counter()
    for country, regions in COUNTRIES.items():
        for region in (None, *regions):
            mine, other = ours[country, region], theirs(country, region)
            years = {day.year for day, _, _ in mine}
            wrong += [f"{country} {region}: no holiday at all in {year}." for year in YEARS if year not in years]
            for side, days in [(OURS, mine - other), (THEIRS, other - mine)]:
                for day, category, name in sorted(days):
                    key = (country, region, side, category, name)
                    seen[key] += 1
                    if key not in {entry[:5] for entry in ALLOWED}:
                        wrong.append(f"{country} {region or '-'} {day} {category} {name!r}: {side}.")
    for entry in ALLOWED:
        if seen[entry[:5]] != entry.times:
            wrong.append(f"Allowed {entry.times} times, found {seen[entry[:5]]} times: {entry[:5]} ({entry.reason})")
    for key, (category, reason) in COUNTED_AS.items():
        if not used[key]:
            wrong.append(f"The package has no {key} to count as {category} any more ({reason})")
    wrong += [f"The package has no holiday named {key} any more." for key in NAMES if not used[key]]
    return wrong


def absent():
    """Regions of the package that the service lacks though they have holidays of their own, and are not in ABSENT."""
    wrong, seen = [], set()
    for country, regions in COUNTRIES.items():
        whole = package(country, None, "public")
        for region in holidays.list_supported_countries()[country]:
            if region in regions or package(country, region, "public") == whole:
                continue
            known = next((key for key in [(country, region), (country, "*")] if key in ABSENT), None)
            seen.add(known)
            if known is None:
                wrong.append(f"{country} {region} has holidays of its own and is no region of the service.")
    wrong += [f"{key} has no holidays of its own any more ({ABSENT[key]})" for key in ABSENT if key not in seen]
    return wrong


def main():
    if holidays is None or holidays.__version__ != VERSION:
        print(f"Needs the package holidays {VERSION}: pip install holidays=={VERSION}", file=sys.stderr)
        return 2
    ours = read(json.loads(os.environ["ANSVAR_SAYS"]))
    wrong = compare(ours) + absent()
    for line in wrong[:200]:
        print(line)
    total = sum(len(days) for days in ours.values())
    if wrong:
        print(f"{len(wrong)} differences from holidays {VERSION} that no table allows.")
        return 1
    print(f"{total} holidays of {len(ours)} countries and regions, {YEARS[0]} to {YEARS[-1]}: as in holidays {VERSION} "
          f"but for {len(ALLOWED)} kinds of day that only one side has and {len(COUNTED_AS)} in another category.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
