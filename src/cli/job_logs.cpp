#include <cli/client.h>
#include <cli/commands.h>
#include <cli/fields.h>
#include <cli/output.h>
#include <cli/verb.h>

#include <charconv>
#include <memory>

namespace sidereal::cli {

namespace {

constexpr Duration between_looks = std::chrono::milliseconds(300);

struct Flags {
    std::string job;
    std::optional<std::string> step;
    std::optional<std::string> task;
    std::optional<std::int64_t> attempt;
    bool follow { false };
    std::optional<std::int64_t> tail;
};

struct Part {
    std::uint64_t offset { 0 };
    std::uint64_t size { 0 };
    std::uint64_t attempt { 0 };
    bool ended { false };
    std::string data;
};

std::uint64_t number_of(io::HttpResponse const& response, std::string_view header)
{
    auto const text = response.headers.get(header).value_or("");
    std::uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

class LogReader {
public:
    LogReader(Client client, Flags const& flags)
        : client_(std::move(client))
        , target_(fmt::format("/v1/jobs/{}/log?", io::percent_encode(flags.job)))
    {
        if (flags.attempt) {
            target_ += fmt::format("attempt={}", *flags.attempt);
            return;
        }
        if (flags.step)
            target_ += "step=" + io::percent_encode(*flags.step) + "&";
        if (flags.task)
            target_ += "task=" + io::percent_encode(*flags.task);
    }

    Result<Part> read(std::uint64_t offset, std::uint64_t max_bytes) const
    {
        auto const target = fmt::format("{}&offset={}&max={}", target_, offset, max_bytes);
        auto response = TRY(client_.get_bytes(target));
        Part part;
        part.offset = number_of(response, "X-Log-Offset");
        part.size = number_of(response, "X-Log-Size");
        part.attempt = number_of(response, "X-Attempt");
        part.ended = response.headers.get("X-Log-Ended") == "true";
        part.data = std::move(response.body);
        return part;
    }

private:
    Client client_;
    std::string target_;
};

Result<int> logs(Flags const& flags, Context const& context)
{
    constexpr std::uint64_t part_bytes = 1 << 20;
    LogReader const reader(TRY(Client::of(context)), flags);
    std::uint64_t offset = 0;
    if (flags.tail) {
        auto const size = TRY(reader.read(0, 1)).size;
        auto const wanted = static_cast<std::uint64_t>(*flags.tail);
        offset = size > wanted ? size - wanted : 0;
    }
    for (;;) {
        auto const part = TRY(reader.read(offset, part_bytes));
        // A log need not be text that JSON can hold: it is printed as it is in either format.
        print(stdout, part.data);
        offset = part.offset + part.data.size();
        if (!part.data.empty() && offset < part.size)
            continue;
        if (!flags.follow || part.ended)
            return 0;
        if (part.data.empty())
            pause_for(between_looks);
    }
}

}

Command job_logs()
{
    return { "job logs", "what a task printed; the newest attempt if it ran more than once",
        "sidereal job logs 12 --task Frame=7\n  sidereal job logs 12 --step Film --follow",
        Speaks::to_brain, [](std::vector<Option>& options) -> Run {
            auto const flags = std::make_shared<Flags>();
            options.push_back(thing_option("job", &flags->job));
            options.push_back({ "--step", &flags->step,
                "whose task; may be left out where there is one step", "NAME" });
            options.push_back({ "--task", &flags->task,
                "the task's index, or the value of its parameter", "N|NAME=VALUE" });
            options.push_back({ "--attempt", &flags->attempt,
                "this attempt and not the task's newest", "ID", false, 1 });
            options.push_back({ "--follow", &flags->follow, "go on until the attempt ends" });
            options.push_back({ "--tail", &flags->tail, "begin so many bytes before the end",
                "BYTES", false, 0 });
            return [flags](Context const& context) { return logs(*flags, context); };
        } };
}

}
