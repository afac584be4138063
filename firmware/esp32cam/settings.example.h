// Copy this file to settings.h and fill it in. Git ignores settings.h: it holds passwords.
#pragma once

// The Wi-Fi; the ESP32 knows 2.4 GHz only.
#define WIFI_NAME "my-wifi"
#define WIFI_PASSWORD "…"
// Another for each camera: your router shows it, and the stream is rtsp://catml-kitchen:554/live where it resolves names.
#define HOST_NAME "catml-kitchen"

// Who may watch. Without a user whoever is in the Wi-Fi may. No : in the user, and letters and digits are easiest to type.
#define RTSP_USER "catml"
#define RTSP_PASSWORD "…"
#define RTSP_PORT 554
#define RTSP_PATH "/live"

// The picture. UXGA is 1600 x 1200; where the Wi-Fi does not carry it, SXGA is 1280 x 1024, XGA 1024 x 768.
#define FRAME_SIZE FRAMESIZE_UXGA
// 0 to 63, lower is better and larger. A picture that does not fit into the driver's buffer (384 kB for UXGA) is lost.
#define JPEG_QUALITY 10
#define FRAMES_PER_SECOND 5
// The sensor's clock. 10000000 where pictures are torn or the board runs too hot; it then takes half as many a second.
#define CAMERA_CLOCK_HZ 20000000
// A camera that hangs upside down: both true.
#define FLIP false
#define MIRROR false
