// An AI-Thinker ESP32-CAM as an RTSP camera for CatML: UXGA JPEG at 5 pictures a second, at rtsp://…/live.
// docs/esp32cam.md says how to flash, place and power it.
#include <Arduino.h>
#include <WiFi.h>
#include <esp_camera.h>
#include <esp_task_wdt.h>
#include <esp_timer.h>

#if !__has_include("settings.h")
#error "Copy settings.example.h to settings.h and fill it in."
#endif
#include "rtsp_server.h"
#include "settings.h"

constexpr int LED_PIN = 33;    // the small red one on the back; it is lit by LOW
constexpr int FLASH_PIN = 4;   // the bright white one stays off
constexpr uint32_t WATCHDOG_S = 30;
constexpr uint32_t WIFI_PATIENCE_MS = 60000;
constexpr uint32_t FRAME_PATIENCE_MS = 20000;

// What is wired on this board.
camera_config_t wiring() {
    camera_config_t config = {};
    config.pin_pwdn = 32;
    config.pin_reset = -1;
    config.pin_xclk = 0;
    config.pin_sccb_sda = 26;
    config.pin_sccb_scl = 27;
    config.pin_d7 = 35;
    config.pin_d6 = 34;
    config.pin_d5 = 39;
    config.pin_d4 = 36;
    config.pin_d3 = 21;
    config.pin_d2 = 19;
    config.pin_d1 = 18;
    config.pin_d0 = 5;
    config.pin_vsync = 25;
    config.pin_href = 23;
    config.pin_pclk = 22;
    config.xclk_freq_hz = CAMERA_CLOCK_HZ;
    config.ledc_timer = LEDC_TIMER_0;
    config.ledc_channel = LEDC_CHANNEL_0;
    return config;
}

class Lens : public FrameSource {
  public:
    bool begin() {
        camera_config_t config = wiring();
        config.pixel_format = PIXFORMAT_JPEG;
        config.frame_size = FRAME_SIZE;
        config.jpeg_quality = JPEG_QUALITY;
        // Two buffers, the older one given up: what is sent is never older than a picture.
        config.fb_count = 2;
        config.fb_location = CAMERA_FB_IN_PSRAM;
        config.grab_mode = CAMERA_GRAB_LATEST;
        if (!psramFound() || esp_camera_init(&config) != ESP_OK) return false;
        sensor_t* sensor = esp_camera_sensor_get();
        sensor->set_vflip(sensor, FLIP);
        sensor->set_hmirror(sensor, MIRROR);
        return true;
    }

    bool take(Frame& frame) override {
        taken_ = esp_camera_fb_get();
        if (!taken_) return false;
        frame = {taken_->buf, taken_->len, taken_->timestamp.tv_sec * 1000000ull + taken_->timestamp.tv_usec};
        return true;
    }

    void give_back() override { esp_camera_fb_return(taken_); }

  private:
    camera_fb_t* taken_ = nullptr;
};

uint64_t now_ms() { return uint64_t(esp_timer_get_time()) / 1000; }

Lens lens;
RtspServer* server;
uint64_t online_ms, sent_ms;
uint32_t sent_before;

void restart(const char* why) {
    Serial.printf("restart: %s\n", why);
    Serial.flush();
    ESP.restart();
}

void start_watchdog() {
#if ESP_ARDUINO_VERSION_MAJOR >= 3
    const esp_task_wdt_config_t config = {WATCHDOG_S * 1000, 0, true};
    if (esp_task_wdt_reconfigure(&config) != ESP_OK) esp_task_wdt_init(&config);
#else
    esp_task_wdt_init(WATCHDOG_S, true);
#endif
    esp_task_wdt_add(nullptr);
}

void setup() {
    Serial.begin(115200);
    pinMode(FLASH_PIN, OUTPUT);
    digitalWrite(FLASH_PIN, LOW);
    pinMode(LED_PIN, OUTPUT);
    digitalWrite(LED_PIN, LOW);
    start_watchdog();
    if (!lens.begin()) {
        delay(5000);  // not at once again: a camera that is badly plugged in would heat up
        restart("no camera, or no PSRAM; is its ribbon cable in straight, and is the supply strong enough?");
    }
    WiFi.persistent(false);
    WiFi.mode(WIFI_STA);
    WiFi.setHostname(HOST_NAME);
    WiFi.setSleep(false);  // sleep between beacons halves the throughput
    WiFi.setAutoReconnect(true);
    WiFi.begin(WIFI_NAME, WIFI_PASSWORD);
    const RtspSettings settings = {RTSP_PORT, RTSP_PATH, RTSP_USER, RTSP_PASSWORD, 1000 / FRAMES_PER_SECOND, now_ms};
    server = new RtspServer(settings, lens, esp_random());
    if (!server->listen()) restart("cannot listen");
    online_ms = sent_ms = now_ms();
}

// Lit: no Wi-Fi. Blinking: waiting for a reader. Dark: a reader has the picture.
void show(bool online, uint64_t now) {
    const bool lit = !online || (!server->playing() && now % 2000 < 100);
    digitalWrite(LED_PIN, lit ? LOW : HIGH);
}

void loop() {
    esp_task_wdt_reset();
    server->step();
    const uint64_t now = now_ms();
    const bool online = WiFi.status() == WL_CONNECTED;
    show(online, now);
    if (online && online_ms + 1000 < now)
        Serial.printf("rtsp://%s:%d%s, signal %d dBm\n", WiFi.localIP().toString().c_str(), RTSP_PORT, RTSP_PATH, WiFi.RSSI());
    if (online) online_ms = now;
    if (server->sent != sent_before || !server->playing()) {
        sent_before = server->sent;
        sent_ms = now;
    }
    // Both are known to hang for good now and then, and nobody stands beside to pull the plug.
    if (now - online_ms > WIFI_PATIENCE_MS) restart("no Wi-Fi");
    if (now - sent_ms > FRAME_PATIENCE_MS) restart("no picture");
}
