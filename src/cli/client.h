#pragma once

#include <base/json.h>
#include <base/result.h>
#include <base/time.h>
#include <cli/command.h>
#include <io/http.h>

#include <cstdint>
#include <string>
#include <string_view>

// How the command line finds a brain and speaks with it.
namespace sidereal::cli {

// $SIDEREAL_DATA, else $XDG_DATA_HOME/sidereal, else ~/.local/share/sidereal.
std::string default_data_dir();

// The file in which a running brain leaves its URL.
std::string url_file(std::string const& data_dir);

// --url, else $SIDEREAL_URL, else what url_file(default_data_dir()) holds.
Result<std::string> find_server(Context const& context);

struct Address {
    std::string host;
    std::uint16_t port { 0 };

    bool operator==(Address const&) const = default;
};

// "http://127.0.0.1:4321", with or without a slash or a line end behind it.
Result<Address> parse_url(std::string_view url);

// One brain's API. An answer of 400 or more becomes the error that it tells of.
class Client {
public:
    static Result<Client> of(std::string const& url);
    static Result<Client> of(Context const& context);

    static constexpr Duration default_timeout = std::chrono::seconds(30);

    Result<Json> get(std::string const& target, Duration timeout = default_timeout) const;
    Result<Json> post(std::string const& target, std::string body = {}) const;
    Result<io::HttpResponse> get_bytes(std::string const& target) const;

private:
    explicit Client(Address address)
        : address_(std::move(address))
    {
    }
    Result<io::HttpResponse> fetch(io::HttpRequestOut request, Duration timeout) const;

    Address address_;
};

// Waits without a brain.
void pause_for(Duration duration);

// The error that a response tells of, with its diagnostics, one a line.
Error error_of(io::HttpResponse const& response);

}
