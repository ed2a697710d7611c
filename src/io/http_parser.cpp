#include <io/http_parser.h>

#include <base/verify.h>
#include <io/asio.h>

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>

namespace sidereal::io {

namespace {

namespace beast = boost::beast;
using BeastError = beast::error_code;
using BeastText = beast::string_view;

// A body announced as huge is not believed before it comes.
constexpr std::size_t reserve_limit_bytes = 1024UL * 1024;

std::string to_string(BeastText text) { return { text.data(), text.size() }; }

template<bool is_request>
class Sink final : public beast::http::basic_parser<is_request> {
public:
    HttpMessage message;
    bool header_is_complete { false };

private:
    void on_request_impl(
        beast::http::verb, BeastText method, BeastText target, int version, BeastError&) override
    {
        message.method = to_string(method);
        message.target = to_string(target);
        message.version = version;
    }

    void on_response_impl(int status, BeastText, int version, BeastError&) override
    {
        message.status = status;
        message.version = version;
    }

    void on_field_impl(beast::http::field, BeastText name, BeastText value, BeastError&) override
    {
        // Trailers come after the decisions that headers are for.
        if (!header_is_complete)
            message.headers.add(to_string(name), to_string(value));
    }

    void on_header_impl(BeastError&) override
    {
        header_is_complete = true;
        message.keep_alive = this->keep_alive();
    }

    void on_body_init_impl(boost::optional<std::uint64_t> const& length, BeastError&) override
    {
        if (length) {
            message.body.reserve(
                static_cast<std::size_t>(std::min<std::uint64_t>(*length, reserve_limit_bytes)));
        }
    }

    std::size_t on_body_impl(BeastText bytes, BeastError&) override
    {
        message.body.append(bytes.data(), bytes.size());
        return bytes.size();
    }

    void on_chunk_header_impl(std::uint64_t, BeastText, BeastError&) override { }

    std::size_t on_chunk_body_impl(std::uint64_t, BeastText bytes, BeastError&) override
    {
        message.body.append(bytes.data(), bytes.size());
        return bytes.size();
    }

    void on_finish_impl(BeastError&) override { }
};

}

struct HttpParser::Impl {
    std::optional<Sink<true>> request;
    std::optional<Sink<false>> response;
    BeastError failure;

    template<typename Visitor>
    decltype(auto) visit(Visitor&& visitor)
    {
        VERIFY(request || response);
        return request ? visitor(*request) : visitor(*response);
    }
};

HttpParser::HttpParser(HttpParserLimits limits)
    : limits_(limits)
    , impl_(std::make_unique<Impl>())
{
}

HttpParser::~HttpParser() = default;

void HttpParser::begin(Kind kind)
{
    if (kind == Kind::request) {
        impl_->request.emplace();
    } else {
        impl_->response.emplace();
        impl_->response->skip(kind == Kind::response_without_body);
    }
    impl_->visit([this](auto& sink) {
        sink.eager(true);
        sink.header_limit(static_cast<std::uint32_t>(limits_.header_bytes));
        sink.body_limit(limits_.body_bytes);
    });
}

HttpParser::State HttpParser::feed(std::string_view bytes, std::size_t& consumed)
{
    return impl_->visit([&](auto& sink) {
        impl_->failure = {};
        consumed = sink.put(boost::asio::buffer(bytes), impl_->failure);
        if (impl_->failure && impl_->failure != beast::http::error::need_more)
            return state_of_failure();
        return sink.is_done() ? State::done : State::needs_more;
    });
}

HttpParser::State HttpParser::feed_end()
{
    return impl_->visit([&](auto& sink) {
        impl_->failure = {};
        if (!sink.got_some())
            return State::needs_more;
        sink.put_eof(impl_->failure);
        if (impl_->failure)
            return state_of_failure();
        return sink.is_done() ? State::done : State::needs_more;
    });
}

HttpParser::State HttpParser::state_of_failure()
{
    problem_ = impl_->failure.message();
    if (impl_->failure == beast::http::error::header_limit)
        return State::header_too_large;
    if (impl_->failure == beast::http::error::body_limit)
        return State::body_too_large;
    return State::malformed;
}

bool HttpParser::header_is_done() const
{
    return impl_->visit([](auto& sink) { return sink.header_is_complete; });
}

HttpMessage& HttpParser::message()
{
    return impl_->visit([](auto& sink) -> HttpMessage& { return sink.message; });
}

}
