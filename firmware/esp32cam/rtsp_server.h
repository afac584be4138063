// An RTSP server for one reader, over one TCP connection: RFC 2326, RTP interleaved (10.12). Plain sockets, which the ESP32
// has as well as a computer, so that this very code can be tested on a computer.
#pragma once

#include "jpeg_rtp.h"

struct Frame {
    const uint8_t* data;
    size_t size;
    uint64_t time_us;  // when it was taken, of any clock that runs evenly
};

// Where pictures come from.
class FrameSource {
  public:
    virtual bool take(Frame& frame) = 0;  // the newest picture; false if there is none
    virtual void give_back() = 0;         // after each that was taken

  protected:
    ~FrameSource() = default;
};

struct RtspSettings {
    uint16_t port;
    const char* path;      // e.g. "/live"
    const char* user;      // "": whoever is in the network may watch
    const char* password;
    uint32_t frame_ms;     // between two pictures
    uint64_t (*now_ms)();  // a clock that never goes back
};

class RtspServer : private PacketSink {
  public:
    RtspServer(const RtspSettings& settings, FrameSource& source, uint32_t ssrc);

    bool listen();  // false if the port is taken
    void step();    // answers, and sends a picture when one is due; returns within a tenth of a second, or once that is sent
    bool playing() const { return playing_; }
    uint16_t port() const;

    uint32_t sent = 0;     // pictures
    uint32_t skipped = 0;  // pictures that could not be sent: none came, or it was no whole JPEG

  private:
    void accept_reader();
    void read();
    size_t skip_interleaved(size_t at);
    void answer(const char* request);
    void describe(const char* request);
    void set_up(const char* request);
    void reply(const char* request, const char* status, const char* headers = "", const char* body = "");
    void send_picture();
    bool send_all(const uint8_t* data, size_t size);
    bool packet(uint8_t* data, size_t size) override;
    bool allowed(const char* request) const;
    void drop();

    static constexpr size_t MOST_REQUEST = 2048;
    static constexpr uint32_t PATIENCE_MS = 5000;  // with a reader that takes nothing, or says nothing

    const RtspSettings settings_;
    FrameSource& source_;
    RtpJpeg rtp_;
    char login_[192] = "";
    int listener_ = -1, reader_ = -1;
    bool is_set_up_ = false, playing_ = false;
    uint8_t channel_ = 0;
    uint64_t due_ms_ = 0, deadline_ms_ = 0, heard_ms_ = 0;
    char input_[MOST_REQUEST + 1];
    size_t filled_ = 0, skip_ = 0;
};
