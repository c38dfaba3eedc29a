"""Write small PDF and Word files for tests."""

import io
import zipfile
from collections.abc import Sequence

Placed = tuple[float, float, float, str]  # left edge, baseline, type size, text


def write_pdf(objects: Sequence[bytes]) -> bytes:
    """Return a PDF of these objects; the first is the catalog."""
    target, places = io.BytesIO(b"%PDF-1.7\n"), list[int]()
    target.seek(0, io.SEEK_END)
    for number, body in enumerate(objects, start=1):
        places.append(target.tell())
        target.write(b"%d 0 obj\n%b\nendobj\n" % (number, body))
    start = target.tell()
    target.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1))
    target.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    target.write(
        b"trailer\n<< /Size %d /Root 1 0 R /Info 2 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (len(places) + 1, start)
    )
    return target.getvalue()


def stream(data: bytes, more: bytes = b"") -> bytes:
    """Return a stream object."""
    return b"<< /Length %d %b >>\nstream\n%b\nendstream" % (len(data), more, data)


def pdf(
    pages: Sequence[Sequence[Placed]], title: str = "", created: str = "", more: bytes = b""
) -> bytes:
    """Return a PDF of Helvetica lines on pages of 600 by 800; ``more`` extends the catalog."""
    info = b"<< /Title (%b) /CreationDate (%b) >>" % (title.encode(), created.encode())
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    objects = [b"<< /Type /Catalog /Pages 3 0 R %b >>" % more, info, b"", font]
    kids = list[int]()
    for lines in pages:
        drawn = b"\n".join(
            b"BT /F1 %g Tf 1 0 0 1 %g %g Tm (%b) Tj ET" % (size, x, y, _escaped(text))
            for x, y, size, text in lines
        )
        objects += [
            b"<< /Type /Page /Parent 3 0 R /MediaBox [0 0 600 800] /Contents %d 0 R /Resources <<"
            b" /Font << /F1 4 0 R >> >> >>" % (len(objects) + 2),
            stream(drawn),
        ]
        kids.append(len(objects) - 1)
    numbers = b" ".join(b"%d 0 R" % kid for kid in kids)
    objects[2] = b"<< /Type /Pages /Count %d /Kids [%b] >>" % (len(kids), numbers)
    return write_pdf(objects)


def _escaped(text: str) -> bytes:
    return text.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def column(
    texts: Sequence[str], x: float = 50, y: float = 700, size: float = 10, step: float = 12
) -> list[Placed]:
    """Return lines below each other."""
    return [(x, y - number * step, size, text) for number, text in enumerate(texts)]


W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def docx(body: str, core: str = "", notes: str = "") -> bytes:
    """Return a Word file with this XML of its body."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("word/document.xml", f"<w:document {W}><w:body>{body}</w:body></w:document>")
        if core:
            file.writestr("docProps/core.xml", core)
        if notes:
            file.writestr("word/footnotes.xml", f"<w:footnotes {W}>{notes}</w:footnotes>")
    return target.getvalue()
