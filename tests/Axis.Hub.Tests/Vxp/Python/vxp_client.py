"""A client of the VXP adapter protocol with the habits of the real one, written from its specification alone.

It reads one JSON object a line from standard input and answers each with one line. The first sets the client up:
{"endpoint": ..., "systemId": ..., "secret": ..., "store": ...}. The others are calls:
{"call": ..., "params": {...}, "file": ..., "body": ..., "repost": true}, or {"leaked": true}.

Habits kept: one map of parameters for the client's life, so that every call carries what earlier ones left; one
timestamp, made when the client was made; Java's order of a hash map; connections of calls without a body that nobody
closes; a second, identical post when the answer to the first was lost; answers read as the SDK reads them.
"""

import base64
import datetime
import hashlib
import hmac
import json
import pathlib
import select
import socket
import sys
import urllib.parse

PREFIX = "XroadVnpt-"
LISTS = ("getReceivedEdocList", "getSentEdocList", "getAgenciesList", "getAgenciesListQD20", "getSynchronizeUnit")
EMPTY_BODY = LISTS


class JavaMap:
    """Keeps pairs in the order in which a java.util.HashMap of the same history hands them out."""

    def __init__(self):
        self.buckets = [[] for _ in range(16)]
        self.size = 0

    @staticmethod
    def spread(name):
        code = 0
        for letter in name:
            code = (31 * code + ord(letter)) & 0xFFFFFFFF
        return code ^ (code >> 16)

    def put(self, name, value):
        bucket = self.buckets[self.spread(name) % len(self.buckets)]
        for pair in bucket:
            if pair[0] == name:
                pair[1] = value
                return
        bucket.append([name, value])
        self.size += 1
        if self.size > len(self.buckets) * 3 // 4:
            old = self.items()
            self.buckets = [[] for _ in range(2 * len(self.buckets))]
            for pair in old:
                self.buckets[self.spread(pair[0]) % len(self.buckets)].append(pair)

    def items(self):
        return [pair for bucket in self.buckets for pair in bucket]


def quoted(text):
    """A string of the signed text: few escapes, and non-ASCII as it is."""
    escapes = {'"': '\\"', "\\": "\\\\", "\t": "\\t", "\b": "\\b", "\n": "\\n", "\r": "\\r", "\f": "\\f"}
    out = []
    for letter in text:
        if letter in escapes:
            out.append(escapes[letter])
        elif letter < " " or letter in "\u2028\u2029":
            out.append("\\u%04x" % ord(letter))
        else:
            out.append(letter)
    return '"' + "".join(out) + '"'


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body, self.lost = status, headers, body, ""


class Connection:
    def __init__(self, host, port):
        self.socket = socket.create_connection((host, port))
        self.buffer = b""

    def fill(self):
        piece = self.socket.recv(65536)
        if not piece:
            raise ConnectionError("closed")
        self.buffer += piece

    def line(self):
        while b"\r\n" not in self.buffer:
            self.fill()
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line.decode("latin-1")

    def exactly(self, count):
        while len(self.buffer) < count:
            self.fill()
        body, self.buffer = self.buffer[:count], self.buffer[count:]
        return body

    def head(self):
        status = int(self.line().split(" ")[1])
        headers = {}
        while True:
            line = self.line()
            if not line:
                return status, headers
            name, value = line.split(":", 1)
            headers[name.strip().lower()] = value.strip()

    def answer(self):
        while True:
            status, headers = self.head()
            if status >= 200:
                break
        if headers.get("transfer-encoding", "").lower() == "chunked":
            body = b""
            while True:
                size = int(self.line().split(";")[0], 16)
                body += self.exactly(size)
                self.line()
                if size == 0:
                    break
        elif "content-length" in headers:
            body = self.exactly(int(headers["content-length"]))
        else:
            try:
                while True:
                    self.fill()
            except ConnectionError:
                body, self.buffer = self.buffer, b""
        return Answer(status, headers, body)


class Client:
    def __init__(self, endpoint, systemId, secret, store):
        self.endpoint = endpoint
        self.url = urllib.parse.urlsplit(endpoint)
        self.secret = secret
        self.store = pathlib.Path(store)
        self.leaked = []
        self.waited_for_continue = 0
        self.documents = self.new_map(systemId)
        self.agencies = self.new_map(systemId)

    @staticmethod
    def new_map(system_id):
        now = datetime.datetime.now()
        parameters = JavaMap()
        parameters.put("systemid", system_id)
        parameters.put("timestamp", now.strftime("%d%m%YT%H%M%S+") + "%04d" % (now.microsecond // 1000))
        return parameters

    def signed(self, parameters):
        items = [(name, value) for name, value in parameters.items()]
        text = "{" + ",".join(quoted(PREFIX + name) + ":" + quoted(value) for name, value in items) + "}"
        key = ";".join(name for name, _ in items)
        digest = hmac.new(self.secret.encode("utf-8"), text.encode("utf-8"), hashlib.sha256).hexdigest()
        trailer = [
            (PREFIX + "sign-header-key", key),
            (PREFIX + "sign-header", text),
            (PREFIX + "hash-header", digest),
            ("User-Agent", "JAVASDKAgent/1.0.0 XRoad/VPCP"),
            (PREFIX + "version", "3.0.201608"),
        ]
        return items, trailer

    def head_of(self, verb, call, headers):
        host = "%s:%d" % (self.url.hostname, self.url.port)
        # The endpoint is not trimmed: one that ends with a slash gives two.
        path = self.url.path + "/" + call
        lines = ["%s %s HTTP/1.1" % (verb, path)]
        lines += ["%s: %s" % (name, value) for name, value in headers]
        return ("\r\n".join(lines) + "\r\n\r\n").replace("{host}", host).encode("utf-8")

    def connect(self):
        return Connection(self.url.hostname, self.url.port)

    def stack_a(self, verb, call, parameters, body):
        """All calls but sendEdoc: a connection each, Expect with a body, never closed without one."""
        parameters.put("Content-Type", "application/json")
        items, trailer = self.signed(parameters)
        headers = []
        for name, value in items:
            if name == "Content-Type":
                headers.append((name, value))
            headers.append((PREFIX + name, value))
        headers += trailer
        if verb == "POST":
            headers.append(("Content-Length", str(len(body))))
        headers += [("Host", "{host}"), ("Connection", "Keep-Alive")]
        if body:
            headers.append(("Expect", "100-continue"))
        headers.append(("Accept-Encoding", "gzip,deflate"))
        connection = self.connect()
        connection.socket.sendall(self.head_of(verb, call, headers))
        if body:
            readable, _, _ = select.select([connection.socket], [], [], 3)
            if not readable:
                self.waited_for_continue += 1
                connection.socket.sendall(body)
            else:
                status, _ = connection.head()
                if status != 100:
                    raise ValueError("a final answer before the body: %d" % status)
                connection.socket.sendall(body)
        answer = connection.answer()
        if body or verb == "GET":
            connection.socket.close()
        else:
            self.leaked.append(connection)
        return answer

    def stack_b(self, call, parameters, body, repost):
        """sendEdoc: the whole body at once, no Expect, names merged ignoring case, and a silent second post."""
        parameters.put("Content-Type", "application/octet-stream")
        items, trailer = self.signed(parameters)
        merged = {}
        for name, value in items:
            merged.setdefault(name.lower(), [name, value])[1] = value
        headers = [("Content-Type", "application/octet-stream")]
        headers += [(PREFIX + name, value) for name, value in merged.values()]
        headers += trailer
        headers += [
            ("Cache-Control", "no-cache"),
            ("Pragma", "no-cache"),
            ("Host", "{host}"),
            ("Accept", "text/html, image/gif, image/jpeg, */*; q=0.2"),
            ("Connection", "keep-alive"),
            ("Content-Length", str(len(body))),
        ]
        request = self.head_of("POST", call, headers) + body
        # When the answer does not come, the library says nothing and posts again, while the first is still under way.
        lost = self.connect() if repost else None
        if lost:
            lost.socket.sendall(request)
        connection = self.connect()
        connection.socket.sendall(request)
        answer = connection.answer()
        connection.socket.close()
        if lost:
            # Nobody reads it but the test.
            answer.lost = lost.answer().body.decode("ascii")
            lost.socket.close()
        return answer

    def send(self, command):
        content = pathlib.Path(command["file"]).read_bytes()
        digest = hashlib.sha256(content).digest()
        for name, value in command.get("params", {}).items():
            self.documents.put(name, value)
        # Each byte without its leading zero.
        self.documents.put("hash-file", "".join("%x" % byte for byte in digest))
        answer = self.stack_b("sendEdoc", self.documents, content + b"\r\n", command.get("repost", False))
        # The answer is read as US-ASCII and not unpacked.
        text = "".join(chr(byte) if byte < 128 else "\ufffd" for byte in answer.body)
        return self.members(text, answer, ("DocId",))

    def call(self, command):
        name = command["call"]
        if name == "sendEdoc":
            return self.send(command)
        parameters = self.agencies if "genc" in name or "Unit" in name else self.documents
        for key, value in command.get("params", {}).items():
            parameters.put(key, value)
        body = b"" if name in EMPTY_BODY else command.get("body", "{}").encode("utf-8")
        if name == "downloadEdoc":
            answer = self.stack_a("GET", name, parameters, b"")
            return {"status": "SUCCESS", "file": self.keep(command, answer.body)} if answer.body else {"status": "FAIL"}
        answer = self.stack_a("POST", name, parameters, body)
        text = answer.body.decode("utf-8")
        if name in LISTS:
            return self.read_list(name, text, answer)
        if name == "getEdoc":
            result = self.members(text, answer, ("data",))
            if result["ErrorCode"] == "0":
                # Through a string, as the SDK does: what is not UTF-8 is destroyed.
                content = base64.b64decode(result["data"]).decode("utf-8", errors="replace")
                result["file"] = self.keep(command, content.encode("utf-8"))
                del result["data"]
            return result
        return self.members(text, answer, ("count",) if name.startswith("count") else ())

    def keep(self, command, content):
        doc_id = command["params"]["docId"]
        if not all(letter in "0123456789abcdefABCDEF-" for letter in doc_id):
            raise ValueError("no file name: " + doc_id)
        path = self.store / (doc_id + ".edxml")
        path.write_bytes(content)
        return str(path)

    @staticmethod
    def members(text, answer, more):
        """The three members of every answer must be there and not null, or the SDK loses everything."""
        value = json.loads(text.replace("\r", "").replace("\n", ""))
        result = {}
        for name in ("status", "ErrorCode", "ErrorDesc") + more:
            if value.get(name) is None:
                raise ValueError("%s is missing or null in %s" % (name, text[:300]))
            result[name] = value[name]
        result["ErrorCode"] = str(result["ErrorCode"])
        result["http"] = answer.status
        result["lost"] = answer.lost
        result["connection"] = answer.headers.get("connection", "")
        return result

    def read_list(self, name, text, answer):
        result = self.members(text, answer, ())
        if result["ErrorCode"] != "0":
            return result
        data = json.loads(text)["data"]
        if not isinstance(data, list):
            raise ValueError("data is no array")
        for item in data:
            for member, value in item.items():
                allowed = (int, bool) if member in ("version", "deleted", "isAgency") else (str,)
                if not isinstance(value, allowed):
                    raise ValueError("%s of an item is %r" % (member, value))
        result["data"] = data
        return result

    def still_open(self):
        """Connections that the client left open and the server has not closed."""
        count = 0
        for connection in self.leaked:
            readable, _, _ = select.select([connection.socket], [], [], 120)
            if not readable or connection.socket.recv(1, socket.MSG_PEEK) != b"":
                count += 1
        return count


def main():
    client = Client(**json.loads(sys.stdin.readline()))
    for line in sys.stdin:
        command = json.loads(line)
        try:
            if command.get("leaked"):
                result = {"made": len(client.leaked), "open": client.still_open(), "waited": client.waited_for_continue}
            else:
                result = client.call(command)
        except Exception as failure:  # the caller is to see what the client would have choked on
            result = {"failure": "%s: %s" % (type(failure).__name__, failure)}
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
