#include <store/record_bytes.h>

#include <wire/codec.h>

#include <bit>
#include <concepts>
#include <cstring>
#include <type_traits>

namespace sidereal::store {

namespace {

// Writes fields one after the other: whole numbers in groups of seven bits, the lowest first,
// signed ones with their sign in the lowest bit; reals as eight bytes; texts behind their length.
class Writer {
public:
    explicit Writer(std::string& bytes)
        : bytes_(bytes)
    {
    }

    template<typename... Fields>
    void operator()(Fields const&... fields)
    {
        (put(fields), ...);
    }

private:
    template<std::unsigned_integral T>
    void put(T number)
    {
        std::uint64_t rest = number;
        for (; rest >= 0x80; rest >>= 7)
            bytes_ += static_cast<char>(rest | 0x80);
        bytes_ += static_cast<char>(rest);
    }
    template<std::signed_integral T>
    void put(T number)
    {
        auto const wide = static_cast<std::int64_t>(number);
        put((static_cast<std::uint64_t>(wide) << 1) ^ static_cast<std::uint64_t>(wide >> 63));
    }
    template<typename T>
    requires std::is_enum_v<T>
    void put(T value) { put(static_cast<std::uint64_t>(value)); }
    void put(double number)
    {
        auto const bits = std::bit_cast<std::uint64_t>(number);
        for (unsigned shift = 0; shift < 64; shift += 8)
            bytes_ += static_cast<char>(bits >> shift);
    }
    void put(std::string const& text)
    {
        put(text.size());
        bytes_ += text;
    }
    template<typename Tag>
    void put(Id<Tag> id)
    {
        put(id.value);
    }
    void put(Duration duration) { put(std::int64_t { duration.count() }); }
    void put(Wall time) { put(time.time_since_epoch()); }
    void put(Money money) { put(money.micro_usd); }
    template<typename T>
    void put(std::optional<T> const& content)
    {
        put(content.has_value());
        if (content)
            put(*content);
    }
    void put(openjd::ParameterTexts const& texts)
    {
        put(texts.size());
        for (auto const& [name, text] : texts)
            (*this)(name, text);
    }
    void put(std::vector<openjd::TemplateText> const& templates)
    {
        put(templates.size());
        for (auto const& [text, file_name] : templates)
            (*this)(text, file_name);
    }
    void put(wire::NodeFacts const& facts)
    {
        JsonWriter json;
        wire::write(json, facts);
        put(json.take());
    }
    void put(wire::GpuParts const& gpus)
    {
        put(gpus.size());
        for (auto const& [uuid, memory_mib, part] : gpus)
            (*this)(uuid, memory_mib, part);
    }
    void put(farm::Scheduling const& scheduling) { put(farm::to_json(scheduling)); }

    std::string& bytes_;
};

// Reads what Writer wrote. Where the bytes end, the fields left keep their defaults.
class Reader {
public:
    explicit Reader(std::string_view bytes)
        : left_(bytes)
    {
    }

    template<typename... Fields>
    void operator()(Fields&... fields)
    {
        (get_if_there(fields), ...);
    }
    bool broken() const { return broken_; }
    std::string_view left() const { return left_; }
    std::string_view take(std::size_t size)
    {
        if (size > left_.size()) {
            broken_ = true;
            left_ = {};
            return {};
        }
        auto const taken = left_.substr(0, size);
        left_.remove_prefix(size);
        return taken;
    }

private:
    template<typename T>
    void get_if_there(T& field)
    {
        if (!left_.empty())
            get(field);
    }
    template<std::unsigned_integral T>
    void get(T& number)
    {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            auto const byte = take(1);
            if (byte.empty())
                return;
            value |= static_cast<std::uint64_t>(byte[0] & 0x7f) << shift;
            if ((byte[0] & 0x80) == 0) {
                number = static_cast<T>(value);
                return;
            }
        }
        broken_ = true;
    }
    template<std::signed_integral T>
    void get(T& number)
    {
        std::uint64_t bits = 0;
        get(bits);
        number = static_cast<T>(
            static_cast<std::int64_t>(bits >> 1) ^ -static_cast<std::int64_t>(bits & 1));
    }
    template<typename T>
    requires std::is_enum_v<T>
    void get(T& value)
    {
        std::uint64_t number = 0;
        get(number);
        value = static_cast<T>(number);
    }
    void get(double& number)
    {
        std::uint64_t bits = 0;
        unsigned shift = 0;
        for (auto const byte : take(8)) {
            bits |= static_cast<std::uint64_t>(static_cast<unsigned char>(byte)) << shift;
            shift += 8;
        }
        number = std::bit_cast<double>(bits);
    }
    void get(std::string& text)
    {
        std::size_t size = 0;
        get(size);
        text = take(size);
    }
    template<typename Tag>
    void get(Id<Tag>& id)
    {
        get(id.value);
    }
    void get(Duration& duration)
    {
        std::int64_t count = 0;
        get(count);
        duration = Duration(count);
    }
    void get(Wall& time)
    {
        Duration since {};
        get(since);
        time = Wall(since);
    }
    void get(Money& money) { get(money.micro_usd); }
    template<typename T>
    void get(std::optional<T>& content)
    {
        bool there = false;
        get(there);
        if (there)
            get(content.emplace());
    }
    void get(openjd::ParameterTexts& texts)
    {
        std::size_t count = 0;
        get(count);
        for (; count > 0 && !broken_; --count) {
            std::string name;
            get(name);
            get(texts[name]);
        }
    }
    void get(std::vector<openjd::TemplateText>& templates)
    {
        std::size_t count = 0;
        get(count);
        for (; count > 0 && !broken_; --count) {
            auto& one = templates.emplace_back();
            get(one.text);
            get(one.file_name);
        }
    }
    void get(wire::NodeFacts& facts)
    {
        std::string text;
        get(text);
        auto const json = parse_json(text);
        auto read = json && json->is_object() ? wire::read_node_facts(json->get_object())
                                              : Result<wire::NodeFacts>(wire::NodeFacts {});
        broken_ = broken_ || !json || !json->is_object() || !read;
        if (!broken_)
            facts = std::move(*read);
    }
    void get(wire::GpuParts& gpus)
    {
        std::size_t count = 0;
        get(count);
        for (; count > 0 && !broken_; --count) {
            auto& part = gpus.emplace_back();
            get(part.uuid);
            get(part.memory_mib);
            get(part.part);
        }
    }
    void get(farm::Scheduling& scheduling)
    {
        std::string text;
        get(text);
        auto read = farm::parse_scheduling(text, "scheduling.json");
        if (read)
            scheduling = std::move(*read);
        else
            broken_ = true;
    }

    std::string_view left_;
    bool broken_ { false };
};

// The fields of each kind of record, for both ways. A new one does not compile until it is named
// here; it goes to the end of what is passed.
template<typename T, typename Archive, typename Record>
void pass(Archive& archive, Record& record)
{
    if constexpr (std::same_as<T, farm::JobRecord>) {
        auto& [id, source, project, user, priority, max_retries, max_failed_tasks, submitted_at,
            paused, pause_reason, canceled, ended_at, scheduling]
            = record;
        auto& [template_text, file_name, parameters, environments] = source;
        archive(id, template_text, file_name, parameters, project, user, priority, max_retries,
            max_failed_tasks, submitted_at, paused, pause_reason, canceled, ended_at, scheduling,
            environments);
    } else if constexpr (std::same_as<T, farm::NodeRecord>) {
        auto& [id, key, facts, epoch, agent_instance, draining, first_seen, stopped, power,
            forgiven_at]
            = record;
        auto& [power_state, power_since, wake_time, failed_wakes] = power;
        archive(id, key, facts, epoch, agent_instance, draining, first_seen, stopped, power_state,
            power_since, wake_time, failed_wakes, forgiven_at);
    } else if constexpr (std::same_as<T, farm::AttemptRecord>) {
        auto& [id, job, step, task, node, node_epoch, leased_at, vcpus, memory_mib, gpus, tasks,
            state, ended_at, outcome, cause, exit_code, signal, message, log_tail, usage, energy_wh,
            cost, limit]
            = record;
        auto& [run_time, cpu_time, max_rss_bytes, enter_time, max_vram_bytes] = usage;
        archive(id, job, step, task, node, node_epoch, leased_at, vcpus, memory_mib, state,
            ended_at, outcome, cause, exit_code, signal, message, log_tail, run_time, cpu_time,
            max_rss_bytes, energy_wh, cost, gpus, enter_time, max_vram_bytes, limit, tasks);
    } else if constexpr (std::same_as<T, farm::ResetRecord>) {
        auto& [job, step, task, before, tasks, skip] = record;
        archive(job, step, task, before, tasks, skip);
    } else {
        static_assert(std::same_as<T, farm::RulesRecord>, "a new kind of record has fields, too");
        auto& [number, text, user, applied_at] = record;
        archive(number, text, user, applied_at);
    }
}

// The kinds by their place in farm::Record; new ones go at its end.
template<std::size_t kind = 0>
bool read_kind(std::size_t wanted, Reader& in, farm::Records& records)
{
    if constexpr (kind < std::variant_size_v<farm::Record>) {
        if (wanted != kind)
            return read_kind<kind + 1>(wanted, in, records);
        using T = std::variant_alternative_t<kind, farm::Record>;
        pass<T>(in, std::get<T>(records.emplace_back(std::in_place_type<T>)));
        return !in.broken();
    } else {
        return false;
    }
}

}

void append_bytes(std::string& bytes, farm::Record const& record)
{
    // The length is written last, into four bytes.
    bytes += static_cast<char>(record.index());
    auto const start = bytes.size();
    bytes.append(4, '\0');
    Writer out(bytes);
    std::visit([&]<typename T>(T const& fact) { pass<T>(out, fact); }, record);
    auto const size = static_cast<std::uint32_t>(bytes.size() - start - 4);
    std::memcpy(bytes.data() + start, &size, sizeof size);
}

Status read_records(std::string_view bytes, farm::Records& records)
{
    auto const before = records.size();
    Reader in(bytes);
    while (!in.left().empty() && !in.broken()) {
        auto const kind = in.take(1);
        auto const length = in.take(4);
        std::uint32_t size = 0;
        if (!in.broken())
            std::memcpy(&size, length.data(), sizeof size);
        Reader fields(in.take(size));
        if (in.broken() || !read_kind(static_cast<unsigned char>(kind[0]), fields, records))
            return fail(ErrorCode::io_failed, "record {} of a batch makes no sense",
                records.size() - before);
    }
    return {};
}

}
