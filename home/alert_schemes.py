"""The services that Apprise knows, by the scheme of their addresses: home.yaml is read without importing Apprise.

A test holds this list against the Apprise that is installed.
"""

from __future__ import annotations

__all__ = ["MAIL_SCHEMES", "OPEN_SCHEMES", "SCHEMES"]

_ALL = """
46elks apprise apprises aprs atalk azure bark barks blink1 bluesky brevo bsky bulksms bulkvs burstsms chanify
chime clickatell clicksend d7sms dapnet dbus dingtalk discord dot eight00com elks emby embys enigma2 enigma2s
evolution evolutions exotel fcm feishu flock flowtriq flowtriqs fluxer fluxers form forms freemobile gchat gio
glib gnome gotify gotifys groupme growl guilded hassio hassios httpsms humhub humhubs ifttt irc ircs jellyfin
jellyfins jira join json jsons kavenegar kde kodi kodis kook kumulos lametric lametrics lark lauther line macosx
mailersend mailgun mailto mailtos mastodon mastodons matrix matrixs misskey misskeys mmost mmosts mqtt mqtts
msg91 msgbird ncloud nclouds nctalk nctalks nexmo notica noticas notifiarr notifico notificos notifyre ntfy
ntfys o365 octopush onesignal opsgenie pagerduty pagertree parsep parseps pbul pinglet pinglets pingram pjet
pjets plivo postmark pover prowl psafer psafers push pushdeer pushdeers pushed pushme pushplus pushward pushy qq
qt reddit resend revolt ringc rocket rockets rsyslog ryver schan sendgrid sendpulse serwersms ses session
sessions seven sfr signal signalgrid signals signl4 sinch slack smpp smpps smsc smseagle smseagles smsmanager
smsmgr smtp2go sns sogs sparkpost spike splunk spugpush spush stackfield strmlabs synology synologys syslog
tgram threema toot toots trigv trigvs tweet twilio twist twitter vapid viber victorops voipms vonage webex
wechat wecom wecombot whatsapp windows workflow workflows wxpusher wxteams x xbmc xbmcs xml xmls xmpp xmpps zoom
zulip
"""
# Those whose addresses may hold nothing secret: a server of the home, a topic. A password in them is looked for by itself.
_OPEN = """
apprise apprises dbus form forms gio glib gnome growl irc ircs json jsons kde kodi kodis macosx mailto mailtos mqtt
mqtts ntfy ntfys qt rsyslog smpp smpps syslog windows xbmc xbmcs xml xmls xmpp xmpps
"""
# Those that bring mails, which are laid out.
_MAIL = "mailto mailtos azure o365 mailgun mailersend postmark resend sendgrid sendpulse ses smtp2go sparkpost brevo"

SCHEMES = frozenset(_ALL.split())
OPEN_SCHEMES = frozenset(_OPEN.split())
MAIL_SCHEMES = frozenset(_MAIL.split())
