#!/usr/bin/env python3
"""Makes the synthetic packages of this folder: python3 make.py [FOLDER].

Needs Python 3.8 and nothing else. The output is the same on every run, byte for byte; `make.py --check` says whether
the files here are what this script makes. The agencies are those of ../demo-province; people are invented.
"""

import base64
import csv
import io
import pathlib
import sys
import uuid
import zipfile
from xml.sax.saxutils import escape

HERE = pathlib.Path(__file__).resolve().parent
NAMESPACE = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
DAY = "2026/01/05"


def agencies():
    with open(HERE.parent / "demo-province" / "agencies.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    by_code = {row["code"]: row for row in rows}
    by_code.update({row["oldCode"]: row for row in rows if row["oldCode"]})
    return by_code


AGENCIES = agencies()


class Xml:
    """Writes indented elements; envelope elements carry the prefix, as every known receiver expects."""

    def __init__(self):
        self.lines = []
        self.depth = 0

    def leaf(self, name, text, prefix="edXML:", attributes=""):
        text = escape(str(text))
        self.lines.append(f"{'  ' * self.depth}<{prefix}{name}{attributes}>{text}</{prefix}{name}>")

    def inside(self, name, prefix="edXML:", attributes=""):
        return _Inside(self, name, prefix, attributes)

    def bytes(self):
        return ('<?xml version="1.0" encoding="UTF-8"?>\n' + "\n".join(self.lines) + "\n").encode("utf-8")


class _Inside:
    def __init__(self, xml, name, prefix, attributes):
        self.xml, self.name, self.prefix, self.attributes = xml, name, prefix, attributes

    def __enter__(self):
        self.xml.lines.append(f"{'  ' * self.xml.depth}<{self.prefix}{self.name}{self.attributes}>")
        self.xml.depth += 1

    def __exit__(self, *_):
        self.xml.depth -= 1
        self.xml.lines.append(f"{'  ' * self.xml.depth}</{self.prefix}{self.name}>")


def organization(xml, element, code):
    agency = AGENCIES.get(code, {"name": "Cơ quan không có trong danh mục", "inCharge": "", "email": ""})
    with xml.inside(element):
        xml.leaf("OrganId", code)
        if agency["inCharge"]:
            xml.leaf("OrganizationInCharge", agency["inCharge"])
        xml.leaf("OrganName", agency["name"])
        if agency["email"]:
            xml.leaf("Email", agency["email"])


def staff(xml):
    with xml.inside("StaffInfo"):
        xml.leaf("Department", "Văn thư")
        xml.leaf("Staff", "Nguyễn Thị Văn Thư")
        xml.leaf("Mobile", "0900000000")
        xml.leaf("Email", "vanthu@angiao.example.vn")


def pdf(text):
    """A one-page PDF with a classic cross-reference table."""
    stream = b"BT /F1 14 Tf 72 760 Td (" + text.encode("ascii") + b") Tj ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for offset in offsets:
        out += b"%010d 00000 n \n" % offset
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def zipped(entry, content):
    """A ZIP with one stored entry and a fixed time: compression differs between zlib versions, storing does not."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        info = zipfile.ZipInfo(entry, (2026, 1, 5, 8, 0, 0))
        info.create_system = 3
        archive.writestr(info, content)
    return out.getvalue()


def document(
    sender,
    recipients,
    number,
    notation,
    subject,
    document_id=None,
    type_name="Công văn",
    priority=0,
    due=None,
    business=0,
    reason="Văn bản điện tử mới",
    target=None,
    receivers=(),
    replaces=(),
    answers=None,
    attachments=None,
    leave_out=(),
):
    document_id = document_id or f"{sender},{DAY},{number}/{notation}"
    attachments = attachments or [("van-ban.pdf", "application/pdf", pdf(f"{number}/UBND"))]
    ids = [f"cid:{uuid.uuid5(uuid.NAMESPACE_URL, document_id + name)}" for name, _, _ in attachments]
    xml = Xml()
    with xml.inside("edXML", "", f' xmlns="{NAMESPACE}"'):
        with xml.inside("edXMLEnvelope", attributes=f' xmlns:edXML="{NAMESPACE}"'):
            with xml.inside("edXMLHeader"):
                with xml.inside("MessageHeader"):
                    organization(xml, "From", sender)
                    for recipient in recipients:
                        organization(xml, "To", recipient)
                    if "DocumentId" not in leave_out:
                        xml.leaf("DocumentId", document_id)
                    with xml.inside("Code"):
                        xml.leaf("CodeNumber", number)
                        xml.leaf("CodeNotation", notation)
                    with xml.inside("PromulgationInfo"):
                        xml.leaf("Place", "An Giao")
                        xml.leaf("PromulgationDate", DAY)
                    with xml.inside("DocumentType"):
                        xml.leaf("Type", 2)
                        xml.leaf("TypeDetail", 0)
                        xml.leaf("TypeName", type_name)
                    if "Subject" not in leave_out:
                        xml.leaf("Subject", subject)
                    xml.leaf("Content", subject)
                    with xml.inside("SignerInfo"):
                        xml.leaf("Competence", "TM. UỶ BAN NHÂN DÂN")
                        xml.leaf("Position", "Chủ tịch")
                        xml.leaf("FullName", "Trần Văn Mẫu")
                    if due:
                        xml.leaf("DueDate", due)
                    with xml.inside("OtherInfo"):
                        xml.leaf("Priority", priority)
                        xml.leaf("PromulgationAmount", len(recipients))
                        xml.leaf("PageAmount", 1)
                        xml.leaf("Direction", "false")
                    if answers:
                        with xml.inside("ResponseFor"):
                            for name, value in answers:
                                xml.leaf(name, value)
                    xml.leaf("SteeringType", 0)
                    with xml.inside("ToPlaces"):
                        xml.leaf("Place", "Như trên")
                        xml.leaf("Place", "Lưu: VT")
                with xml.inside("TraceHeaderList"):
                    with xml.inside("TraceHeader"):
                        xml.leaf("OrganId", sender)
                        xml.leaf("Timestamp", f"{DAY} 08:00:00")
                    with xml.inside("Bussiness"):
                        if target:
                            xml.leaf("DocumentId", target)
                        xml.leaf("BussinessDocType", business)
                        xml.leaf("BussinessDocReason", reason)
                        xml.leaf("Paper", 0)
                        if business == 2:
                            with xml.inside("BussinessDocumentInfo"):
                                xml.leaf("DocumentInfo", 1)
                                xml.leaf("DocumentReceiver", 1 if receivers else 0)
                                if receivers:
                                    with xml.inside("ReceiverList"):
                                        for code, change in receivers:
                                            with xml.inside("Receiver"):
                                                xml.leaf("OrganId", code)
                                                xml.leaf("ReceiverType", change)
                        if replaces:
                            with xml.inside("ReplacementInfoList"):
                                for replaced, organs in replaces:
                                    with xml.inside("ReplacementInfo"):
                                        xml.leaf("DocumentId", replaced)
                                        with xml.inside("OrganIdList"):
                                            for organ in organs:
                                                xml.leaf("OrganId", organ)
                        staff(xml)
            with xml.inside("edXMLBody"):
                with xml.inside("edXMLManifest", attributes=' version="1.0"'):
                    for cid, (name, content_type, _) in zip(ids, attachments):
                        with xml.inside("Reference"):
                            xml.leaf("ContentId", cid)
                            xml.leaf("ContentType", content_type)
                            xml.leaf("AttachmentName", name)
        with xml.inside("AttachmentEncoded", ""):
            for cid, (name, content_type, content) in zip(ids, attachments):
                with xml.inside("Attachment", ""):
                    xml.leaf("ContentId", cid, "")
                    xml.leaf("AttachmentName", name, "")
                    xml.leaf("ContentType", content_type, "")
                    xml.leaf(
                        "ContentTransferEncoded",
                        base64.b64encode(content).decode("ascii"),
                        attributes=f' xmlns:edXML="{NAMESPACE}"',
                    )
    return xml.bytes()


def status(reporter, about, code, text, minute):
    """A report of one agency about a document: (organ, number/notation, document id)."""
    organ, number, document_id = about
    xml = Xml()
    with xml.inside("edXML", "", f' xmlns="{NAMESPACE}"'):
        with xml.inside("edXMLEnvelope", attributes=f' xmlns:edXML="{NAMESPACE}"'):
            with xml.inside("edXMLHeader"):
                with xml.inside("MessageHeader"):
                    organization(xml, "From", reporter)
                    with xml.inside("ResponseFor"):
                        xml.leaf("OrganId", organ)
                        xml.leaf("Code", number)
                        xml.leaf("PromulgationDate", DAY)
                        xml.leaf("DocumentId", document_id)
                    staff(xml)
                    xml.leaf("StatusCode", code)
                    xml.leaf("Description", text)
                    xml.leaf("Timestamp", f"{DAY} 09:{minute:02}:00")
    return xml.bytes()


def packages():
    letter = f"H99,{DAY},15/UBND-VP"
    about = ("H99", "15/UBND-VP", letter)
    communes = [code for code, row in AGENCIES.items() if code == row["code"] and row["kind"] in ("commune", "ward")]

    yield "new.edxml", document(
        "H99", ["H99.05", "000.00.12.H99"], "15", "UBND-VP",
        "V/v báo cáo tình hình gửi, nhận văn bản điện tử", due="2026/01/20",
        attachments=[
            ("15-UBND-VP.pdf", "application/pdf", pdf("15/UBND-VP")),
            ("Phụ lục biểu mẫu.txt", "application/zip",
             zipped("phu-luc.txt", "Biểu mẫu báo cáo\n".encode("utf-8"))),
        ])
    yield "new-urgent.edxml", document(
        "H99", ["H99.12", "H99.31"], "16", "UBND-VP",
        "Công điện về ứng phó mưa lũ", type_name="Công điện", priority=3)
    yield "new-to-every-commune.edxml", document(
        "H99.05", communes, "120", "STC-NS", "V/v lập dự toán ngân sách xã, phường")
    yield "new-to-the-national-axis.edxml", document(
        "H99", ["G22", "000.00.00.G22", "H57", "H99.02"], "17", "UBND-NC",
        "Báo cáo kết quả thực hiện nhiệm vụ", type_name="Báo cáo",
        answers=[("OrganId", "G22"), ("Code", "7816/VPCP-KSTT"), ("PromulgationDate", "2025/12/30"),
                 ("DocumentId", "G22,2025/12/30,7816/VPCP-KSTT")])
    yield "new-from-the-hospital.edxml", document(
        "H99.12.01", ["H99.12"], "8", "BVĐK-KH", "Tờ trình về mua sắm trang thiết bị", type_name="Tờ trình")
    yield "recall.edxml", document(
        "H99", ["H99.05", "000.00.12.H99"], "15", "UBND-VP",
        "V/v báo cáo tình hình gửi, nhận văn bản điện tử",
        business=1, reason="Gửi nhầm phụ lục", target=letter)
    yield "update.edxml", document(
        "H99", ["H99.05", "H99.11"], "15", "UBND-VP",
        "V/v báo cáo tình hình gửi, nhận văn bản điện tử quý I",
        business=2, reason="Bổ sung kỳ báo cáo và nơi nhận", target=letter,
        receivers=[("H99.12", 0), ("H99.11", 1)])
    yield "replace.edxml", document(
        "H99", ["H99.05", "H99.12"], "18", "UBND-VP",
        "V/v báo cáo tình hình gửi, nhận văn bản điện tử (thay thế Công văn số 15/UBND-VP)",
        business=3, reason="Thay thế văn bản có sai sót", replaces=[(letter, ["H99.05", "H99.12"])])

    for minute, (code, text) in enumerate([
        ("01", "Đã đến: phần mềm đã nhận, văn thư chưa xử lý"),
        ("02", "Từ chối tiếp nhận: văn bản không thuộc thẩm quyền của Sở"),
        ("03", "Văn thư: tiếp nhận văn bản, vào sổ văn bản đến"),
        ("04", "Giám đốc Sở: phân công Phòng Ngân sách xử lý"),
        ("05", "Phòng Ngân sách: đang xử lý"),
        ("06", "Đã hoàn thành, ban hành văn bản trả lời"),
        ("15", "Đồng ý cho lấy lại văn bản"),
        ("16", "Không đồng ý cho lấy lại văn bản: đã xử lý xong"),
    ], 1):
        yield f"status-{code}.edxml", status("H99.05", about, code, text, minute)
    yield "status-13.edxml", status(
        "H99", ("H99.05", "15/UBND-VP", letter), "13", "Yêu cầu lấy lại văn bản: gửi nhầm phụ lục", 30)

    plain = dict(number="19", notation="UBND-VP", subject="Gói tin bị từ chối")
    yield "refused/unknown-recipient.edxml", document("H99", ["H99.05", "H99.77"], **plain)
    yield "refused/malformed-identifier.edxml", document("H99", ["h99..05"], **plain)
    yield "refused/node-as-recipient.edxml", document("H99", ["00.99.W00"], **plain)
    yield "refused/missing-document-id.edxml", document("H99", ["H99.05"], leave_out=("DocumentId",), **plain)
    yield "refused/unknown-status-code.edxml", status("H99.05", about, "99", "Mã không có", 40)
    good = document("H99", ["H99.05"], **plain)
    yield "refused/not-well-formed.edxml", good.replace(b"</edXML:edXMLHeader>", b"", 1)
    yield "refused/document-type-declaration.edxml", good.replace(
        b"?>\n", b'?>\n<!DOCTYPE edXML [<!ENTITY vp "UBND-VP">]>\n', 1)


def main():
    arguments = sys.argv[1:]
    if arguments == ["--check"]:
        wrong = [name for name, content in packages()
                 if not (HERE / name).is_file() or (HERE / name).read_bytes() != content]
        for name in wrong:
            print(f"differs: {name}")
        return 1 if wrong else 0
    folder = pathlib.Path(arguments[0]) if arguments else HERE
    for name, content in packages():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
