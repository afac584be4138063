// A JPEG picture as RTP packets: RFC 2435. Plain C++ without Arduino, so that it can be tested on a computer.
#pragma once

#include <stddef.h>
#include <stdint.h>

// What of a JPEG file goes over the wire; the rest of its header the receiver makes up again.
struct JpegPicture {
    uint16_t width, height;        // pixels, multiples of 8, 2040 at most
    uint8_t type;                  // 0: 4:2:2 (what the OV2640 sends), 1: 4:2:0
    uint16_t restart_interval;     // 0: none
    const uint8_t* luma_table;     // 64 bytes each, in the file's zigzag order
    const uint8_t* chroma_table;
    const uint8_t* scan;           // entropy-coded data, without the end marker
    size_t scan_size;
};

// Reads a JPEG file's header. False for anything that RFC 2435 cannot carry: a broken file, which the camera now and then
// delivers, progressive JPEG, other sampling, sizes or Huffman tables.
bool read_jpeg(const uint8_t* file, size_t size, JpegPicture& picture);

// Takes packets one by one; false ends the picture.
class PacketSink {
  public:
    // The HEADROOM bytes before `data` are the sink's to write to, for the head of whatever carries the packet.
    virtual bool packet(uint8_t* data, size_t size) = 0;
    static constexpr size_t HEADROOM = 4;

  protected:
    ~PacketSink() = default;
};

class RtpJpeg {
  public:
    explicit RtpJpeg(uint32_t ssrc) : ssrc_(ssrc) {}

    // Sends a picture. The clock of `timestamp` runs at 90 kHz.
    bool send(const JpegPicture& picture, uint32_t timestamp, PacketSink& sink);

    uint32_t ssrc() const { return ssrc_; }

    // What a full packet holds; no larger than what fits into one frame of Wi-Fi and Ethernet.
    static constexpr size_t MOST = 1400;

  private:
    uint32_t ssrc_;
    uint16_t sequence_ = 0;
    uint8_t buffer_[PacketSink::HEADROOM + MOST];
};
