"""A student's worksheet as a picture or a PDF."""

import io

from PIL import Image, ImageDraw, ImageFont

SIZE = (900, 1200)
INK, LINE, PAPER = "#1d3a6b", "#c9d6e6", "#fdfcf7"


def sheet(name: str, format_: str) -> bytes:
    """Squared paper with a triangle and the name of who drew it; `format_` as Pillow names it."""
    page = Image.new("RGB", SIZE, PAPER)
    draw = ImageDraw.Draw(page)
    for square in range(0, SIZE[1], 40):
        draw.line((0, square, SIZE[0], square), LINE)
        draw.line((square, 0, square, SIZE[1]), LINE)
    corners = [(140, 900), (760, 900), (480, 420)]
    draw.polygon(corners, outline=INK, width=6)
    draw.line((140, 420, 760, 420), INK, 3)
    for at, label in (((200, 850), "53°"), ((650, 850), "60°"), ((450, 470), "67°")):
        draw.text(at, label, INK, ImageFont.load_default(36))
    draw.text((120, 120), "Angles around you", INK, ImageFont.load_default(56))
    draw.text((120, 210), name, INK, ImageFont.load_default(36))
    draw.text((120, 980), "53° + 60° + 67° = 180°", INK, ImageFont.load_default(48))
    out = io.BytesIO()
    page.save(out, format_)
    return out.getvalue()
