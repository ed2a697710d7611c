#pragma once

#include <api/api.h>
#include <api/memory_store.h>
#include <io/clock.h>
#include <io/http_client.h>

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// A brain behind a real HTTP server on loopback; for tests.
namespace sidereal::api {

class TestHost final : public Host {
public:
    brain::Brain const& brain() const override { return brain_; }
    brain::Ticket open_ticket(io::Function<void(brain::Answer)> take) override
    {
        brain::Ticket const ticket { ++last_ticket_ };
        tickets_.emplace(ticket, std::move(take));
        return ticket;
    }
    void drop_ticket(brain::Ticket ticket) override { tickets_.erase(ticket); }
    void run(Event event) override
    {
        brain::Effects effects;
        event(brain_, io::now(), effects);
        while (brain::next_wake(brain_) == brain::at_once)
            brain::on_tick(brain_, io::now(), effects);
        store_.commit(
            std::make_shared<farm::Records const>(std::move(effects.records)), [](Status) {});
        for (auto& send : effects.sends) {
            auto waiting = tickets_.extract(send.to);
            if (waiting.empty())
                continue;
            when_durable(
                [take = std::move(waiting.mapped()), answer = std::move(send.answer)]() mutable {
                    take(std::move(answer));
                });
        }
        if (on_change)
            on_change();
    }
    void when_durable(io::Function<void()> ready) override
    {
        if (disk_is_stuck)
            stuck_.push_back(std::move(ready));
        else
            ready();
    }
    std::optional<Error> store_trouble() const override { return trouble; }
    Duration longest_turn() const override { return {}; }
    store::Store& history() override { return store_; }

    void free_disk()
    {
        disk_is_stuck = false;
        for (auto& ready : std::exchange(stuck_, {}))
            ready();
    }
    std::size_t open_tickets() const { return tickets_.size(); }

    io::Function<void()> on_change;
    bool disk_is_stuck { false };
    std::optional<Error> trouble;

private:
    brain::Brain brain_;
    MemoryStore store_;
    std::uint64_t last_ticket_ { 0 };
    std::map<brain::Ticket, io::Function<void(brain::Answer)>> tickets_;
    std::vector<io::Function<void()>> stuck_;
};

// One call to the server; its answer comes while the loop turns.
struct PendingCall {
    std::unique_ptr<io::HttpClient> client;
    std::optional<Result<io::HttpResponse>> answer;
};

class ApiTest : public testing::Test {
protected:
    ApiTest()
    {
        auto server = io::HttpServer::listen(
            loop_, "127.0.0.1", 0, [this](io::HttpRequest request, io::Responder responder) {
                api_.handle(std::move(request), responder);
            });
        VERIFY(server);
        server_ = *std::move(server);
        host_.on_change = [this] { api_.changed(); };
    }

    std::shared_ptr<PendingCall> begin(
        std::string method, std::string target, std::string body = {})
    {
        auto const call = std::make_shared<PendingCall>();
        call->client = std::make_unique<io::HttpClient>(loop_, "127.0.0.1", server_->port());
        io::HttpRequestOut request { std::move(method), std::move(target), {}, std::move(body) };
        call->client->request(std::move(request), std::chrono::seconds(20),
            [this, pending = call.get()](Result<io::HttpResponse> answer) {
                pending->answer = std::move(answer);
                loop_.stop();
            });
        calls_.push_back(call);
        return call;
    }
    io::HttpResponse finish(std::shared_ptr<PendingCall> const& call)
    {
        while (!call->answer)
            loop_.run();
        if (!*call->answer)
            return { 0, "", {}, call->answer->error().message };
        return **call->answer;
    }
    io::HttpResponse fetch(std::string method, std::string target, std::string body = {})
    {
        return finish(begin(std::move(method), std::move(target), std::move(body)));
    }
    // Turns the loop until everything that is ready now has run.
    void settle()
    {
        loop_.call_after(std::chrono::milliseconds(5), [this] { loop_.stop(); });
        loop_.run();
    }

    io::Loop loop_;
    TestHost host_;
    Api api_ { host_, loop_, "1.2.3" };
    std::unique_ptr<io::HttpServer> server_;
    // A call that is still open must not keep itself alive.
    std::vector<std::shared_ptr<PendingCall>> calls_;
};

}
