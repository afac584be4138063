#include "jpeg_rtp.h"

#include <string.h>

namespace {

constexpr uint8_t PAYLOAD_TYPE = 26;     // JPEG, RFC 3551
constexpr uint8_t TABLES_IN_BAND = 255;  // Q: tables come with each picture
constexpr uint8_t WITH_RESTART = 64;     // added to the type

// How many Huffman codes of each length the tables of ITU-T T.81, annex K, have. RFC 2435 sends no tables: it takes these
// for granted. Cameras use them; a file that was made smaller with its own tables would arrive as noise.
constexpr uint8_t STANDARD_CODES[4][16] = {
    {0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0},       // luminance DC
    {0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0},       // chrominance DC
    {0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 0x7d},    // luminance AC
    {0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 0x77},    // chrominance AC
};

uint16_t big_endian(const uint8_t* at) { return uint16_t(at[0] << 8 | at[1]); }

uint8_t* put16(uint8_t* at, uint16_t value) {
    at[0] = uint8_t(value >> 8);
    at[1] = uint8_t(value);
    return at + 2;
}

uint8_t* put32(uint8_t* at, uint32_t value) { return put16(put16(at, uint16_t(value >> 16)), uint16_t(value)); }

bool read_quantization(const uint8_t* at, const uint8_t* end, const uint8_t* tables[4]) {
    for (; at < end; at += 65) {
        if (at[0] > 3 || end - at < 65) return false;  // 16-bit tables, or a fifth one
        tables[at[0]] = at + 1;
    }
    return true;
}

bool huffman_is_standard(const uint8_t* at, const uint8_t* end) {
    while (end - at >= 17) {
        const int ac = at[0] >> 4, chroma = at[0] & 15;
        if (ac > 1 || chroma > 1 || memcmp(at + 1, STANDARD_CODES[2 * ac + chroma], 16) != 0) return false;
        size_t codes = 0;
        for (int length = 1; length <= 16; length++) codes += at[length];
        at += 17 + codes;
    }
    return at == end;
}

bool read_frame(const uint8_t* at, size_t size, const uint8_t* tables[4], JpegPicture& picture) {
    if (size != 15 || at[0] != 8 || at[5] != 3) return false;  // 8 bits, three components
    picture.height = big_endian(at + 1);
    picture.width = big_endian(at + 3);
    const uint8_t sampling = at[7];
    if (sampling != 0x21 && sampling != 0x22) return false;
    if (at[10] != 0x11 || at[13] != 0x11 || at[8] > 3 || at[11] > 3 || at[11] != at[14]) return false;
    if (!picture.width || !picture.height || picture.width % 8 || picture.height % 8) return false;
    picture.type = sampling == 0x21 ? 0 : 1;
    picture.luma_table = tables[at[8]];
    picture.chroma_table = tables[at[11]];
    return picture.luma_table && picture.chroma_table && picture.width <= 2040 && picture.height <= 2040;
}

}  // namespace

bool read_jpeg(const uint8_t* file, size_t size, JpegPicture& picture) {
    const uint8_t *at = file, *end = file + size;
    const uint8_t* tables[4] = {};
    bool framed = false;
    picture = {};
    if (size < 4 || big_endian(at) != 0xFFD8) return false;
    at += 2;
    while (end - at >= 4 && at[0] == 0xFF) {
        const uint8_t marker = at[1];
        const size_t length = big_endian(at + 2);  // itself included, the marker not
        if (length < 2 || length + 2 > size_t(end - at)) return false;
        const uint8_t *body = at + 4, *after = at + 2 + length;
        if (marker == 0xDB && !read_quantization(body, after, tables)) return false;
        if (marker == 0xC4 && !huffman_is_standard(body, after)) return false;
        if (marker == 0xC0 && !(framed = read_frame(body, length - 2, tables, picture))) return false;
        if (marker > 0xC0 && marker < 0xD0 && marker != 0xC4 && marker != 0xC8) return false;  // progressive and the like
        if (marker == 0xDD && length == 4) picture.restart_interval = big_endian(body);
        at = after;
        if (marker != 0xDA) continue;
        // The camera's buffer may hold more than the picture: what counts ends at the last end marker.
        while (end - at >= 2 && big_endian(end - 2) != 0xFFD9) end--;
        picture.scan = at;
        picture.scan_size = end - at >= 2 ? size_t(end - at) - 2 : 0;
        return framed && picture.scan_size > 0;
    }
    return false;
}

bool RtpJpeg::send(const JpegPicture& picture, uint32_t timestamp, PacketSink& sink) {
    size_t offset = 0;
    while (offset < picture.scan_size) {
        uint8_t *const packet = buffer_ + PacketSink::HEADROOM, *at = packet;
        *at++ = 0x80;  // version 2
        uint8_t* marker_and_type = at++;
        at = put32(put32(put16(at, sequence_++), timestamp), ssrc_);
        at = put32(at, uint32_t(offset));  // type-specific byte 0, then 24 bits of offset
        *at++ = uint8_t(picture.type + (picture.restart_interval ? WITH_RESTART : 0));
        *at++ = TABLES_IN_BAND;
        *at++ = uint8_t(picture.width / 8);
        *at++ = uint8_t(picture.height / 8);
        if (picture.restart_interval) at = put16(put16(at, picture.restart_interval), 0xFFFF);
        if (offset == 0) {
            at = put32(at, 128);  // two tables of 8 bits an entry
            memcpy(at, picture.luma_table, 64);
            memcpy(at + 64, picture.chroma_table, 64);
            at += 128;
        }
        size_t part = size_t(packet + MOST - at);
        const bool last = part >= picture.scan_size - offset;
        if (last) part = picture.scan_size - offset;
        *marker_and_type = uint8_t(PAYLOAD_TYPE | (last ? 0x80 : 0));
        memcpy(at, picture.scan + offset, part);
        if (!sink.packet(packet, size_t(at - packet) + part)) return false;
        offset += part;
    }
    return true;
}
