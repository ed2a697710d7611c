#include <fuzz/fuzz.h>

#include <wire/codec.h>

// Whatever is taken from a peer can be said again and means the same.
void sidereal::fuzz::take(std::string_view input)
{
    if (auto const request = wire::decode_sync_request(input)) {
        auto const again = wire::decode_sync_request(wire::encode(*request));
        VERIFY(again && *again == *request);
    }
    if (auto const reply = wire::decode_sync_reply(input)) {
        auto const again = wire::decode_sync_reply(wire::encode(*reply));
        VERIFY(again && *again == *reply);
    }
}
