"""The two pictures of the week, drawn when they are needed."""

import math
from collections.abc import Iterable
from io import BytesIO

from PIL import Image, ImageChops, ImageDraw, ImageFilter

WIDTH, HEIGHT = 960, 600
SMOOTH = 2
"""Everything is drawn this many times as large, and made smaller for smooth edges."""

Colour = tuple[int, int, int]
Point = tuple[float, float]

STAMP = (700, 60, 880, 270)
"""Left, top, right and bottom of the postcard's stamp."""


def lanternfish() -> bytes:
    """Return a PNG: a fish with glowing spots in deep water."""
    picture = _gradient((10, 38, 84), (2, 6, 22))
    draw = ImageDraw.Draw(picture)
    for number in range(40):
        x, y = (number * 397) % WIDTH, (number * number * 53) % HEIGHT
        _disc(draw, (x, y), 1.5 + number % 3, (40, 84, 130))
    body: Colour = (26, 62, 104)
    draw.polygon(_scaled((700, 300), (850, 190), (812, 300), (850, 410)), fill=body)
    draw.polygon(_scaled((400, 220), (500, 118), (580, 226)), fill=body)
    draw.ellipse(_scaled((210, 190), (740, 410)), fill=body)
    draw.ellipse(_scaled((222, 200), (728, 372)), fill=(34, 78, 124))
    draw.arc(_scaled((330, 214), (440, 386)), -70, 70, fill=(22, 52, 92), width=5 * SMOOTH)
    _disc(draw, (290, 272), 30, (224, 238, 240))
    _disc(draw, (284, 272), 17, (4, 12, 30))
    _disc(draw, (278, 265), 6, (255, 255, 255))
    draw.arc(_scaled((205, 290), (300, 360)), 20, 100, fill=(12, 32, 62), width=4 * SMOOTH)
    return _png(_glowing(picture, ((460, 352), (550, 346), (634, 330)), 13, (255, 214, 120)))


def postcard() -> bytes:
    """Return a PNG: a postcard of three hills in the evening, with a stamp and a postmark."""
    picture = _gradient((255, 196, 130), (222, 110, 110))
    picture = _glowing(picture, ((300, 300),), 62, (255, 236, 176))
    draw = ImageDraw.Draw(picture)
    hills: tuple[tuple[float, float, float, Colour], ...] = (
        (350, 46, 0.4, (158, 86, 112)),
        (420, 60, 2.2, (104, 66, 104)),
        (500, 44, 4.1, (58, 46, 84)),
    )
    for height, swing, shift, colour in hills:
        ridge = [(x, height - swing * math.sin(x / 150 + shift)) for x in range(0, WIDTH + 8, 8)]
        draw.polygon(_scaled(*ridge, (WIDTH, HEIGHT), (0, HEIGHT)), fill=colour)
    _draw_stamp(draw)
    _draw_postmark(draw)
    draw.rectangle(_scaled((0, 0), (WIDTH, HEIGHT)), outline=(252, 244, 226), width=22 * SMOOTH)
    return _png(picture)


def _draw_stamp(draw: ImageDraw.ImageDraw) -> None:
    left, top, right, bottom = STAMP
    paper: Colour = (252, 244, 226)
    draw.rectangle(_scaled((left, top), (right, bottom)), fill=paper)
    for x in range(left, right + 1, 18):
        _disc(draw, (x, top), 6, paper)
        _disc(draw, (x, bottom), 6, paper)
    for y in range(top, bottom + 1, 15):
        _disc(draw, (left, y), 6, paper)
        _disc(draw, (right, y), 6, paper)
    draw.rectangle(_scaled((left + 14, top + 14), (right - 14, bottom - 14)), fill=(64, 132, 140))
    draw.polygon(_scaled((796, 96), (796, 188), (848, 188)), fill=paper)
    draw.polygon(_scaled((786, 112), (786, 188), (744, 188)), fill=(232, 170, 70))
    draw.polygon(_scaled((732, 200), (856, 200), (830, 228), (756, 228)), fill=(120, 52, 62))


def _draw_postmark(draw: ImageDraw.ImageDraw) -> None:
    ink: Colour = (72, 44, 70)
    for radius in (74, 60):
        draw.ellipse(_scaled((690 - radius, 250 - radius), (690 + radius, 250 + radius)), outline=ink, width=3 * SMOOTH)
    for line in range(4):
        wave = [(x, 222 + 18 * line + 5 * math.sin(x / 12)) for x in range(480, 616, 4)]
        draw.line(_scaled(*wave), fill=ink, width=3 * SMOOTH)


def _gradient(top: Colour, bottom: Colour) -> Image.Image:
    """Return a picture that goes from one colour at the top to another at the bottom."""
    ramp = Image.linear_gradient("L").resize((WIDTH * SMOOTH, HEIGHT * SMOOTH))
    size = ramp.size
    return Image.composite(Image.new("RGB", size, bottom), Image.new("RGB", size, top), ramp)


def _glowing(picture: Image.Image, centres: Iterable[Point], radius: float, colour: Colour) -> Image.Image:
    """Return the picture with lights in it that shine on what is around."""
    at = tuple(centres)
    light = Image.new("RGB", picture.size)
    draw = ImageDraw.Draw(light)
    for centre in at:
        _disc(draw, centre, radius * 2, (colour[0] // 2, colour[1] // 2, colour[2] // 2))
    light = light.filter(ImageFilter.GaussianBlur(radius * SMOOTH))
    draw = ImageDraw.Draw(light)
    for centre in at:
        _disc(draw, centre, radius, colour)
    return ImageChops.screen(picture, light)


def _disc(draw: ImageDraw.ImageDraw, centre: Point, radius: float, colour: Colour) -> None:
    x, y = centre
    draw.ellipse(_scaled((x - radius, y - radius), (x + radius, y + radius)), fill=colour)


def _scaled(*points: Point) -> list[Point]:
    return [(x * SMOOTH, y * SMOOTH) for x, y in points]


def _png(picture: Image.Image) -> bytes:
    file = BytesIO()
    picture.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).save(file, "PNG", optimize=False)
    return file.getvalue()
