"""Whether a position lies in China: to catch swapped and mistyped coordinates, not to draw maps."""

from app.domain.text import T, Text

# A generous outline, clockwise from the west; towns at the border lie inside it.
OUTLINE = (
    (73.0, 39.0),
    (73.3, 40.2),
    (76.5, 41.0),
    (79.8, 42.3),
    (79.9, 45.2),
    (82.2, 45.6),
    (82.2, 47.5),
    (85.5, 48.7),
    (87.7, 49.4),
    (91.2, 46.9),
    (95.6, 44.6),
    (101.5, 42.8),
    (105.2, 41.9),
    (110.3, 43.0),
    (111.6, 44.3),
    (114.0, 45.2),
    (117.0, 46.7),
    (115.2, 47.9),
    (116.5, 50.2),
    (119.6, 53.0),
    (121.5, 53.8),
    (126.0, 53.3),
    (130.8, 49.2),
    (135.4, 48.8),
    (133.2, 44.8),
    (131.6, 44.6),
    (131.4, 42.9),
    (130.9, 42.2),
    (129.0, 41.9),
    (126.5, 41.2),
    (124.6, 39.6),
    (123.0, 33.0),
    (124.5, 25.5),
    (122.5, 21.0),
    (117.5, 15.0),
    (114.5, 6.0),
    (109.5, 3.3),
    (108.0, 9.0),
    (109.6, 16.0),
    (108.0, 21.2),
    (106.6, 22.0),
    (104.0, 22.3),
    (102.0, 22.1),
    (101.7, 20.9),
    (99.8, 21.8),
    (97.3, 23.6),
    (97.8, 27.8),
    (92.0, 26.6),
    (88.7, 27.0),
    (85.9, 27.7),
    (81.0, 29.8),
    (78.3, 31.9),
    (78.0, 35.0),
    (75.5, 36.2),
)


def position_fault(longitude: float | None, latitude: float | None) -> dict[str, Text]:
    """Return what is wrong with a position, by field; nothing if there is none."""
    if longitude is None and latitude is None:
        return {}
    if longitude is None:
        return {"/longitude": T("经度和纬度应同时填写")}
    if latitude is None:
        return {"/latitude": T("经度和纬度应同时填写")}
    if in_china(longitude, latitude):
        return {}
    if in_china(latitude, longitude):
        return {"/longitude": T("经度和纬度填反了")}
    return {"/longitude": T("该位置不在中国境内，请核对经度和纬度")}


def in_china(longitude: float, latitude: float) -> bool:
    """Test whether a position lies within the outline."""
    inside = False
    x1, y1 = OUTLINE[-1]
    for x2, y2 in OUTLINE:
        crosses = (y1 > latitude) != (y2 > latitude)
        if crosses and longitude < x1 + (latitude - y1) * (x2 - x1) / (y2 - y1):
            inside = not inside
        x1, y1 = x2, y2
    return inside
