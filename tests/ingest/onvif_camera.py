"""A camera as ONVIF describes it: it answers WS-Discovery's question, and SOAP over HTTP as one of its users asks.

Messages are those of the ONVIF Core Specification (chapter 7.3, discovery; 8.1, capabilities and device information) and
the Media Service Specification (5.2, profiles; 5.15, stream addresses); signatures those of WS-Security's UsernameToken 1.0.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import re
import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

USER, PASSWORD = "viewer", "s3cret/of:the camera"
ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"'
    ' xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"'
    ' xmlns:dn="http://www.onvif.org/ver10/network/wsdl" xmlns:tds="http://www.onvif.org/ver10/device/wsdl"'
    ' xmlns:trt="http://www.onvif.org/ver10/media/wsdl" xmlns:tt="http://www.onvif.org/ver10/schema"'
    ' xmlns:ter="http://www.onvif.org/ver10/error">{header}<s:Body>{body}</s:Body></s:Envelope>'
)
NOT_AUTHORIZED = (
    "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>ter:NotAuthorized</s:Value></s:Subcode></s:Code>"
    '<s:Reason><s:Text xml:lang="en">Sender not authorized</s:Text></s:Reason></s:Fault>'
)
NOT_SUPPORTED = NOT_AUTHORIZED.replace("ter:NotAuthorized", "ter:ActionNotSupported").replace("not authorized", "?")


def probe_match(relates_to: str, addresses: str, scopes: str, types: str = "dn:NetworkVideoTransmitter") -> bytes:
    """The answer to a question, from an endpoint whose identity every camera of its make has."""
    header = (
        "<s:Header><a:MessageID>urn:uuid:0a6dc791-2be6-4991-9af1-454778a1917a</a:MessageID>"
        f"<a:RelatesTo>{relates_to}</a:RelatesTo>"
        "<a:To>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:To>"
        "<a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/ProbeMatches</a:Action></s:Header>"
    )
    body = (
        "<d:ProbeMatches><d:ProbeMatch><a:EndpointReference><a:Address>urn:uuid:1419d68a-1dd2-11b2-a105-000000000000"
        f"</a:Address></a:EndpointReference><d:Types>{types}</d:Types><d:Scopes>{scopes}</d:Scopes>"
        f"<d:XAddrs>{addresses}</d:XAddrs><d:MetadataVersion>1</d:MetadataVersion></d:ProbeMatch></d:ProbeMatches>"
    )
    return ENVELOPE.format(header=header, body=body).encode()


class Responder:
    """Answers each question that comes to a UDP port of this machine with what `answers` makes of its message id."""

    def __init__(self, answers: Callable[[str], list[bytes]]) -> None:
        self._answers = answers
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.target: tuple[str, int] = self._socket.getsockname()
        self.asked: list[bytes] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            question, sender = self._socket.recvfrom(65_535)
            if question == b"stop":
                return
            self.asked.append(question)
            found = re.search(rb"MessageID>([^<]+)<", question)
            for answer in self._answers(found[1].decode() if found else ""):
                self._socket.sendto(answer, sender)

    def close(self) -> None:
        self._socket.sendto(b"stop", self.target)
        self._thread.join()
        self._socket.close()


class Device(ThreadingHTTPServer):
    """The camera's SOAP service.

    Attributes:
        profiles: token, encoding, width, height and stream address of each.
        clock: how far its clock is off.
        services: it knows GetServices; older ones know GetCapabilities only.
        requests: names of what it was asked, in order.
        bodies: the questions themselves.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        # Addresses of its own that nobody can reach from here: cameras name the one they think they have.
        self.profiles = [
            ("sub", "H264", 640, 360, "rtsp://10.255.255.1:554/stream2"),
            ("main", "H264", 1920, 1080, "rtsp://10.255.255.1:554/stream1"),
            ("still", "JPEG", 320, 180, "rtsp://10.255.255.1:554/stream8"),
        ]
        self.clock = dt.timedelta()
        self.services = False
        self.requests: list[str] = []
        self.bodies: list[str] = []
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    def close(self) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()

    def answer(self, request: str, body: str) -> str:
        """What the body of the answer is."""
        if request == "GetSystemDateAndTime":  # the one question that needs no user, so that clocks can be compared
            return self._date_and_time()
        if not self._authorized(body):
            return NOT_AUTHORIZED
        if request == "GetServices" and self.services:
            media = "http://www.onvif.org/ver10/media/wsdl"
            return f"<tds:GetServicesResponse>{self._service(media)}</tds:GetServicesResponse>"
        if request == "GetCapabilities":
            where = "http://10.255.255.1/onvif/media_service"
            return (
                "<tds:GetCapabilitiesResponse><tds:Capabilities><tt:Media>"
                f"<tt:XAddr>{where}</tt:XAddr><tt:StreamingCapabilities/></tt:Media></tds:Capabilities>"
                "</tds:GetCapabilitiesResponse>"
            )
        if request == "GetDeviceInformation":
            return (
                "<tds:GetDeviceInformationResponse><tds:Manufacturer>Acme</tds:Manufacturer><tds:Model>C 200</tds:Model>"
                "<tds:FirmwareVersion>1</tds:FirmwareVersion><tds:SerialNumber>7</tds:SerialNumber>"
                "<tds:HardwareId>2</tds:HardwareId></tds:GetDeviceInformationResponse>"
            )
        if request == "GetProfiles":
            return f"<trt:GetProfilesResponse>{''.join(map(_profile, self.profiles))}</trt:GetProfilesResponse>"
        if request == "GetStreamUri":
            token = re.search(r"ProfileToken>([^<]+)<", body)
            uri = next(profile[4] for profile in self.profiles if token and profile[0] == token[1])
            return (
                f"<trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>{uri}</tt:Uri><tt:InvalidAfterConnect>false"
                "</tt:InvalidAfterConnect><tt:InvalidAfterReboot>false</tt:InvalidAfterReboot><tt:Timeout>PT60S</tt:Timeout>"
                "</trt:MediaUri></trt:GetStreamUriResponse>"
            )
        return NOT_SUPPORTED

    def _service(self, namespace: str) -> str:
        return (
            f"<tds:Service><tds:Namespace>{namespace}</tds:Namespace><tds:XAddr>http://10.255.255.1/onvif/media</tds:XAddr>"
            "<tds:Version><tt:Major>2</tt:Major><tt:Minor>60</tt:Minor></tds:Version></tds:Service>"
        )

    def _now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC) + self.clock

    def _date_and_time(self) -> str:
        now = self._now()
        return (
            "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>Manual</tt:DateTimeType>"
            "<tt:DaylightSavings>false</tt:DaylightSavings><tt:UTCDateTime>"
            f"<tt:Time><tt:Hour>{now.hour}</tt:Hour><tt:Minute>{now.minute}</tt:Minute><tt:Second>{now.second}</tt:Second>"
            f"</tt:Time><tt:Date><tt:Year>{now.year}</tt:Year><tt:Month>{now.month}</tt:Month><tt:Day>{now.day}</tt:Day>"
            "</tt:Date></tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
        )

    def _authorized(self, body: str) -> bool:
        parts = [re.search(rf"{name}[^>]*>([^<]+)<", body) for name in ("Username", "Password", "Nonce", "Created")]
        if not all(parts):
            return False
        user, digest, nonce, created = (part[1] for part in parts if part)
        signed = base64.b64encode(hashlib.sha1(base64.b64decode(nonce) + created.encode() + PASSWORD.encode()).digest())
        late = abs(dt.datetime.fromisoformat(created.replace("Z", "+00:00")) - self._now())
        return user == USER and digest == signed.decode() and late < dt.timedelta(minutes=5)


def _profile(profile: tuple[str, str, int, int, str]) -> str:
    token, encoding, width, height, _ = profile
    return (
        f'<trt:Profiles token="{token}" fixed="true"><tt:Name>{token}</tt:Name>'
        f'<tt:VideoEncoderConfiguration token="{token}"><tt:Name>{token}</tt:Name><tt:UseCount>1</tt:UseCount>'
        f"<tt:Encoding>{encoding}</tt:Encoding><tt:Resolution><tt:Width>{width}</tt:Width><tt:Height>{height}</tt:Height>"
        "</tt:Resolution><tt:Quality>5</tt:Quality><tt:Multicast><tt:Address><tt:Type>IPv4</tt:Type></tt:Address>"
        "<tt:Port>0</tt:Port><tt:TTL>1</tt:TTL><tt:AutoStart>false</tt:AutoStart></tt:Multicast>"
        "<tt:SessionTimeout>PT60S</tt:SessionTimeout></tt:VideoEncoderConfiguration></trt:Profiles>"
    )


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Device)
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        named = re.search(r":Body>\s*<(?:\w+:)?(\w+)", body)
        request = named[1] if named else ""
        self.server.requests.append(request)
        self.server.bodies.append(body)
        told = self.server.answer(request, body)
        answer = ENVELOPE.format(header="", body=told).encode()
        self.send_response(400 if "<s:Fault>" in told else 200)
        self.send_header("Content-Type", "application/soap+xml; charset=utf-8")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""
