"""A text that says a number or a duration to its value, in SQL, however thousands and decimals are marked.

Three digits after one comma or dot may be decimals or the rest of a thousand. What marks the decimals is proved by
other numbers or said; where it is not, such a number is doubtful and has no value.
"""

_BY = r"[ \x27\x{2019}]"  # between thousands, beside comma and dot: blank and apostrophes
_HEAD = r"\s*[+-]?"
_DIGITS = r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?\s*"  # a cast also takes 1_000, and 1e-400 for nothing
_WHOLE = r"\s*[+-]?\d+(\.0*)?\s*"
_SPACED = rf"{_HEAD}[1-9]\d{{0,2}}({_BY}\d{{3}})+([.,]\d+)?\s*"
_PROOF = (
    rf"{_HEAD}(\d+M(\d{{1,2}}|\d{{4,}})|(0+|\d{{4,}})M\d+|[1-9]\d{{0,2}}(K\d{{3}})+M\d+|[1-9]\d{{0,2}}(K\d{{3}}){{2,}}"
    rf"|[1-9]\d{{0,2}}({_BY}\d{{3}})+M\d+)\s*"
)
_PROOFS = {",": _PROOF.replace("M", ",").replace("K", r"\."), ".": _PROOF.replace("M", r"\.").replace("K", ",")}
_DOUBTFUL = rf"{_HEAD}[1-9]\d{{0,2}}[.,]\d{{3}}\s*"
DOUBTFUL_COMMA, DOUBTFUL_DOT = _DOUBTFUL.replace("[.,]", ","), _DOUBTFUL.replace("[.,]", r"\.")
_WITH_COMMA = rf"{_HEAD}(\d+|[1-9]\d{{0,2}}(\.\d{{3}})+)(,\d+)?\s*"
_WITH_DOT = rf"{_HEAD}[1-9]\d{{0,2}}(,\d{{3}})+(\.\d+)?\s*"
_CLOCK = (
    r"\s*-?(\d+:([01]?\d|2[0-3]):[0-5]?\d|\d+:[0-5]?\d|\d+):[0-5]\d([.,]\d+)?\s*"  # days or hours may be any number
)
MINUTES = r"\s*-?\d+:[0-5]\d([.,]\d+)?\s*"
_UNITS = (("d|days?", 86_400), ("h|hrs?|hours?", 3_600), ("m|mins?|minutes?", 60), ("s|secs?|seconds?", 1))
_WORDS = r"(?i)\s*-? ?" + "".join(rf"(\d+(\.\d+)? ?({words})[, ]*)?" for words, _ in _UNITS)


def proves(raw: str, mark: str) -> str:
    """Return SQL that is true for a number that can be read one way only, in which `mark` marks its decimals."""
    return f"(contains({raw}, '.') or contains({raw}, ',')) and regexp_full_match({raw}, '{_PROOFS[mark]}')"


def is_doubtful(raw: str, form: str = _DOUBTFUL) -> str:
    """Return SQL that is true for a number that can be read two ways while nothing tells its decimal mark."""
    return f"coalesce(regexp_full_match({raw}, '{form}'), false)"


def number(raw: str, mark: str | None) -> str:
    """Return SQL for a number as a floating one; NULL for what is none, or can be two while the mark is not known."""
    text = _with_point(raw, mark)
    flat = r"[+-]?\d+(\.\d+)?" if mark == "." else r"[+-]?\d+"
    other = f"case when regexp_full_match({text}, '{_DIGITS}') then try_cast({text} as double) end"
    return f"case when regexp_full_match({raw}, '{flat}') then try_cast({raw} as double) else {other} end"


def whole(raw: str, mark: str | None) -> str:
    """Return SQL for a whole number; NULL for what is none. A cast would round: 1.5 and 15e-1 would both be 2."""
    text = _with_point(raw, mark)
    return f"try_cast(case when regexp_full_match({text}, '{_WHOLE}') then split_part({text}, '.', 1) end as bigint)"


def is_rounded(raw: str, value: str, mark: str | None) -> str:
    """Return SQL that is true for a number of which the floating one that is kept does not hold every digit."""
    exact, kept = (
        f"try_cast({_with_point(raw, mark)} as decimal(38, 20))",
        f"try_cast({value}::varchar as decimal(38, 20))",
    )
    return f"strlen({raw}) > 15 and {exact} is distinct from {kept}"


def _with_point(raw: str, mark: str | None) -> str:
    """A number's text with a dot before its decimals and nothing between thousands; NULL where it can be two."""
    joined = f"regexp_replace({raw}, '(\\d){_BY}', '\\1', 'g')"
    text = f"(case when regexp_full_match({raw}, '{_SPACED}') then {joined} else {raw} end)"
    dotted, grouped = f"replace(replace({text}, '.', ''), ',', '.')", f"replace({text}, ',', '')"
    with_dot = f"when regexp_full_match({text}, '{_WITH_DOT}') then {grouped}"
    match mark:
        case ".":
            return f"case {with_dot} else {text} end"
        case ",":
            with_comma = f"when regexp_full_match({text}, '{_WITH_COMMA}') then {dotted}"
            return f"case {with_comma} when not contains({text}, '.') then {text} end"
        case _:
            with_comma = f"when regexp_full_match({text}, '{_PROOFS[',']}') then {dotted}"
            return (
                f"case {with_comma} when regexp_full_match({text}, '{_DOUBTFUL}') then null {with_dot} else {text} end"
            )


def clock(raw: str) -> str:
    """Return SQL for the seconds of `mm:ss`, `h:mm:ss` and `d:hh:mm:ss`; NULL for anything else."""
    parts = f"try_cast(list_reverse(string_split(replace(ltrim({raw}, '- '), ',', '.'), ':')) as double[])"
    seconds = f"list_inner_product(list_resize({parts}, 4, 0), [1, 60, 3600, 86400]::double[])"
    return f"case when regexp_full_match({raw}, '{_CLOCK}') then {_sign(raw)} * {seconds} end"


def words(raw: str) -> str:
    """Return SQL for the seconds of `3d 13h 24m 54s` and `3 m 25 s`; NULL for anything else."""
    seconds = " + ".join(
        rf"coalesce(try_cast(regexp_extract({raw}, '(?i)([\d.]+) ?{names[0]}', 1) as double), 0) * {length}"
        for names, length in _UNITS
    )
    is_said = rf"regexp_full_match({raw}, '{_WORDS}\s*') and regexp_matches({raw}, '\d')"
    return f"case when {is_said} then {_sign(raw)} * ({seconds}) end"


def _sign(raw: str) -> str:
    return f"if(starts_with(ltrim({raw}), '-'), -1, 1)"
