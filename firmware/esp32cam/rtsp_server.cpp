#include "rtsp_server.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <unistd.h>

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

// There is one reader, so every session is the same.
#define SESSION "Session: 1;timeout=60\r\n"

namespace {

void base64(const char* text, char* out) {
    static const char* letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const size_t size = strlen(text);
    for (size_t i = 0; i < size; i += 3) {
        const uint32_t three = uint32_t(uint8_t(text[i])) << 16 |
                               (i + 1 < size ? uint32_t(uint8_t(text[i + 1])) << 8 : 0) |
                               (i + 2 < size ? uint8_t(text[i + 2]) : 0);
        *out++ = letters[three >> 18];
        *out++ = letters[three >> 12 & 63];
        *out++ = i + 1 < size ? letters[three >> 6 & 63] : '=';
        *out++ = i + 2 < size ? letters[three & 63] : '=';
    }
    *out = 0;
}

// The value of a header line, up to its end; null if the request has none of that name.
const char* header(const char* request, const char* name) {
    for (const char* line = strstr(request, "\r\n"); line; line = strstr(line + 2, "\r\n")) {
        const size_t length = strlen(name);
        if (strncasecmp(line + 2, name, length) != 0 || line[2 + length] != ':') continue;
        const char* value = line + 3 + length;
        while (*value == ' ') value++;
        return value;
    }
    return nullptr;
}

bool is(const char* request, const char* method) {
    const size_t length = strlen(method);
    return strncmp(request, method, length) == 0 && request[length] == ' ';
}

// Whether the request's address is that of the stream, or of the track in it.
bool asks_for(const char* request, const char* path) {
    const char* at = strchr(request, ' ');
    at = at ? strstr(at, "://") : nullptr;
    at = at ? strpbrk(at + 3, "/ \r") : nullptr;
    if (!at || *at != '/') return false;
    const size_t length = strlen(path);
    return strncmp(at, path, length) == 0 && strchr("/? ", at[length]) != nullptr && at[length] != 0;
}

}  // namespace

RtspServer::RtspServer(const RtspSettings& settings, FrameSource& source, uint32_t ssrc)
    : settings_(settings), source_(source), rtp_(ssrc) {
    char pair[128];
    if (!settings.user[0]) return;
    snprintf(pair, sizeof pair, "%s:%s", settings.user, settings.password);
    base64(pair, login_);
}

bool RtspServer::listen() {
    listener_ = socket(AF_INET, SOCK_STREAM, 0);
    int yes = 1;
    setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_ANY);
    address.sin_port = htons(settings_.port);
    return listener_ >= 0 && bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
           ::listen(listener_, 2) == 0;
}

uint16_t RtspServer::port() const {
    sockaddr_in address = {};
    socklen_t size = sizeof address;
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
}

void RtspServer::step() {
    uint64_t now = settings_.now_ms();
    uint64_t wait = 100;
    if (playing_) wait = due_ms_ <= now ? 0 : due_ms_ - now < wait ? due_ms_ - now : wait;
    fd_set readable;
    FD_ZERO(&readable);
    FD_SET(listener_, &readable);
    if (reader_ >= 0) FD_SET(reader_, &readable);
    timeval patience = {0, long(wait * 1000)};
    if (select((reader_ > listener_ ? reader_ : listener_) + 1, &readable, nullptr, nullptr, &patience) > 0) {
        if (reader_ >= 0 && FD_ISSET(reader_, &readable)) read();
        if (FD_ISSET(listener_, &readable)) accept_reader();
    }
    now = settings_.now_ms();
    if (reader_ >= 0 && !playing_ && now - heard_ms_ > PATIENCE_MS) drop();
    if (playing_ && now >= due_ms_) send_picture();
}

void RtspServer::accept_reader() {
    const int fresh = accept(listener_, nullptr, nullptr);
    if (fresh < 0) return;
    if (reader_ >= 0) {  // there is air time for one; who wants more puts a relay between
        close(fresh);
        return;
    }
    fcntl(fresh, F_SETFL, fcntl(fresh, F_GETFL, 0) | O_NONBLOCK);
    reader_ = fresh;
    heard_ms_ = settings_.now_ms();
}

void RtspServer::drop() {
    if (reader_ >= 0) close(reader_);
    reader_ = -1;
    is_set_up_ = playing_ = false;
    filled_ = skip_ = 0;
}

void RtspServer::read() {
    const ssize_t got = recv(reader_, input_ + filled_, MOST_REQUEST - filled_, 0);
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    if (got <= 0) return drop();
    filled_ += size_t(got);
    heard_ms_ = settings_.now_ms();
    size_t at = 0;
    while (reader_ >= 0 && at < filled_) {
        const size_t after = skip_interleaved(at);
        if (after != at) {
            at = after;
            continue;
        }
        if (input_[at] == '$') break;  // the rest of its head is still to come
        input_[filled_] = 0;
        char* end = strstr(input_ + at, "\r\n\r\n");
        if (!end) break;
        const char* length = header(input_ + at, "Content-Length");
        skip_ = length ? size_t(strtoul(length, nullptr, 10)) : 0;  // what a body says does not matter here
        end[2] = 0;
        answer(input_ + at);
        at = size_t(end + 4 - input_);
    }
    if (reader_ < 0) return;
    filled_ -= at;
    memmove(input_, input_ + at, filled_);
    if (filled_ == MOST_REQUEST) drop();  // no request of a player is as long
}

// Passes over the body of a request, and over what a reader reports of its reception.
size_t RtspServer::skip_interleaved(size_t at) {
    if (!skip_ && input_[at] == '$' && filled_ - at >= 4)
        skip_ = 4 + size_t(uint8_t(input_[at + 2]) << 8 | uint8_t(input_[at + 3]));
    const size_t part = skip_ < filled_ - at ? skip_ : filled_ - at;
    skip_ -= part;
    return at + part;
}

bool RtspServer::allowed(const char* request) const {
    if (!login_[0]) return true;
    const char* value = header(request, "Authorization");
    if (!value || strncasecmp(value, "Basic ", 6) != 0) return false;
    const size_t length = strlen(login_);
    return strncmp(value + 6, login_, length) == 0 && (value[6 + length] == '\r' || value[6 + length] == ' ');
}

void RtspServer::answer(const char* request) {
    if (is(request, "OPTIONS"))
        return reply(request, "200 OK", "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER\r\n");
    if (!allowed(request)) return reply(request, "401 Unauthorized", "WWW-Authenticate: Basic realm=\"camera\"\r\n");
    if (is(request, "GET_PARAMETER") || is(request, "SET_PARAMETER")) return reply(request, "200 OK", SESSION);
    if (!asks_for(request, settings_.path)) return reply(request, "404 Not Found");
    if (is(request, "DESCRIBE")) return describe(request);
    if (is(request, "SETUP")) return set_up(request);
    if (is(request, "PLAY")) {
        if (!is_set_up_) return reply(request, "455 Method Not Valid in This State");
        reply(request, "200 OK", SESSION "Range: npt=0.000-\r\n");
        playing_ = reader_ >= 0;
        due_ms_ = settings_.now_ms();
        return;
    }
    if (is(request, "TEARDOWN")) {
        reply(request, "200 OK", SESSION);
        return drop();
    }
    reply(request, "501 Not Implemented");
}

void RtspServer::describe(const char* request) {
    char headers[256], sdp[256];
    snprintf(sdp, sizeof sdp,
             "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=camera\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\na=control:*\r\n"
             "m=video 0 RTP/AVP 26\r\na=framerate:%.2f\r\na=control:track\r\n",
             1000.0 / settings_.frame_ms);
    const char* url = strchr(request, ' ') + 1;
    const int length = int(strcspn(url, " ?"));
    snprintf(headers, sizeof headers, "Content-Type: application/sdp\r\nContent-Base: %.*s%s\r\n",
             length < 180 ? length : 180, url, url[length - 1] == '/' ? "" : "/");
    reply(request, "200 OK", headers, sdp);
}

void RtspServer::set_up(const char* request) {
    const char* transport = header(request, "Transport");
    const char* end = transport ? strstr(transport, "\r\n") : nullptr;
    const char* tcp = transport ? strstr(transport, "RTP/AVP/TCP") : nullptr;
    if (!tcp || !end || tcp > end) return reply(request, "461 Unsupported Transport");
    const char* channels = strstr(tcp, "interleaved=");
    channel_ = channels && channels < end ? uint8_t(atoi(channels + 12)) : 0;
    is_set_up_ = true;
    char headers[160];
    snprintf(headers, sizeof headers, SESSION "Transport: RTP/AVP/TCP;unicast;interleaved=%d-%d;ssrc=%08lX\r\n", channel_,
             channel_ + 1, static_cast<unsigned long>(rtp_.ssrc()));
    reply(request, "200 OK", headers);
}

void RtspServer::reply(const char* request, const char* status, const char* headers, const char* body) {
    char text[1024];
    const char* sequence = header(request, "CSeq");
    int size = snprintf(text, sizeof text, "RTSP/1.0 %s\r\nCSeq: %d\r\n%s", status, sequence ? atoi(sequence) : 0, headers);
    if (body[0]) size += snprintf(text + size, sizeof text - size_t(size), "Content-Length: %d\r\n", int(strlen(body)));
    size += snprintf(text + size, sizeof text - size_t(size), "\r\n%s", body);
    deadline_ms_ = settings_.now_ms() + PATIENCE_MS;
    if (!send_all(reinterpret_cast<const uint8_t*>(text), size_t(size))) drop();
}

void RtspServer::send_picture() {
    const uint64_t now = settings_.now_ms();
    // Evenly spaced from the first on; after a pause on from now, without making up for what was missed.
    due_ms_ = now - due_ms_ > settings_.frame_ms ? now + settings_.frame_ms : due_ms_ + settings_.frame_ms;
    Frame frame;
    if (!source_.take(frame)) {
        skipped++;
        return;
    }
    JpegPicture picture;
    if (read_jpeg(frame.data, frame.size, picture)) {
        deadline_ms_ = now + PATIENCE_MS;
        if (rtp_.send(picture, uint32_t(frame.time_us * 9 / 100), *this)) sent++;
        else drop();
    } else {
        skipped++;
    }
    source_.give_back();
}

bool RtspServer::packet(uint8_t* data, size_t size) {
    uint8_t* head = data - HEADROOM;
    head[0] = '$';
    head[1] = channel_;
    head[2] = uint8_t(size >> 8);
    head[3] = uint8_t(size);
    return send_all(head, HEADROOM + size);
}

bool RtspServer::send_all(const uint8_t* data, size_t size) {
    while (size > 0) {
        const ssize_t done = send(reader_, data, size, MSG_NOSIGNAL);
        if (done > 0) {
            data += done;
            size -= size_t(done);
            continue;
        }
        if (done < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != ENOMEM) return false;
        const uint64_t now = settings_.now_ms();
        if (now >= deadline_ms_) return false;
        fd_set writable;
        FD_ZERO(&writable);
        FD_SET(reader_, &writable);
        timeval patience = {0, 100000};
        select(reader_ + 1, nullptr, &writable, nullptr, &patience);
    }
    return true;
}
