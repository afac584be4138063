// The camera's server on a computer, with JPEG files in place of the lens: for tests, and to try out a recorder.
//   serve PORT PATH FRAME_MS USER PASSWORD FILE…   prints the port, then serves the files in turn, for ever
#include "../rtsp_server.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <vector>

namespace {

uint64_t now_ms() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return uint64_t(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

class Files : public FrameSource {
  public:
    Files(char** names, int count, uint64_t frame_us) : frame_us_(frame_us) {
        for (int i = 0; i < count; i++) {
            std::ifstream file(names[i], std::ios::binary);
            files_.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
        }
    }

    bool take(Frame& frame) override {
        const std::vector<char>& file = files_[size_t(taken_ % files_.size())];
        // The clock of the pictures is exact here, so that a test knows each one's time.
        frame = {reinterpret_cast<const uint8_t*>(file.data()), file.size(), ++taken_ * frame_us_};
        return !file.empty();
    }

    void give_back() override {}

  private:
    std::vector<std::vector<char>> files_;
    uint64_t taken_ = 0, frame_us_;
};

}  // namespace

int main(int count, char** arguments) {
    if (count < 7) return std::fprintf(stderr, "serve PORT PATH FRAME_MS USER PASSWORD FILE…\n"), 2;
    const uint32_t frame_ms = uint32_t(std::atoi(arguments[3]));
    Files files(arguments + 6, count - 6, frame_ms * 1000ull);
    RtspServer server({uint16_t(std::atoi(arguments[1])), arguments[2], arguments[4], arguments[5], frame_ms, now_ms}, files,
                      0xCA7CA7);
    if (!server.listen()) return std::fprintf(stderr, "port %s is taken\n", arguments[1]), 1;
    std::printf("%d\n", server.port());
    std::fflush(stdout);
    for (;;) server.step();
}
