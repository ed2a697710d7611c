#include <farm/failure_group.h>

#include <farm/farm.h>
#include <openjd/text_rules.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace sidereal::farm {

namespace {

constexpr std::size_t longest_line = 300;
constexpr std::array<std::string_view, 14> telling_words { "error", "fatal", "exception", "fail",
    "cannot", "can't", "could not", "unable", "not found", "no such", "denied", "abort", "killed",
    "invalid" };

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }
bool is_hex(char letter)
{
    return is_digit(letter) || (letter >= 'a' && letter <= 'f') || (letter >= 'A' && letter <= 'F');
}
// What a path, a number or a word may hold.
bool is_of_word(char letter)
{
    return is_digit(letter) || (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z')
        || std::string_view("_./\\~+@%-").find(letter) != std::string_view::npos
        || static_cast<unsigned char>(letter) >= 0x80;
}

bool is_path(std::string_view word)
{
    auto const at = word.find_first_of("/\\");
    // "1/2" and "and/or" are none.
    return at != std::string_view::npos
        && (at == 0 || word.find_first_of("/\\", at + 1) != std::string_view::npos
            || word.find('.') != std::string_view::npos || word[at] == '\\');
}

// A hash, an address or a UUID.
bool is_hex_number(std::string_view word)
{
    if (word.starts_with("0x") || word.starts_with("0X"))
        return word.size() > 2;
    constexpr std::size_t shortest = 8;
    return word.size() >= shortest && std::any_of(word.begin(), word.end(), is_digit)
        && std::all_of(
            word.begin(), word.end(), [](char letter) { return is_hex(letter) || letter == '-'; });
}

void add_word(std::string& text, std::string_view word)
{
    if (is_path(word)) {
        text += "<path>";
        return;
    }
    if (is_hex_number(word)) {
        text += '#';
        return;
    }
    for (std::size_t i = 0; i < word.size(); ++i) {
        if (!is_digit(word[i])) {
            text += word[i];
            continue;
        }
        text += '#';
        auto const joins = [&](std::size_t at) {
            return is_digit(word[at])
                || (word[at] == '.' && at + 1 < word.size() && is_digit(word[at + 1]));
        };
        while (i + 1 < word.size() && joins(i + 1))
            ++i;
    }
}

bool tells(std::string_view line)
{
    auto const lower = openjd::to_lower(line);
    return std::any_of(telling_words.begin(), telling_words.end(),
        [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

}

std::string_view telling_line(std::string_view message, std::string_view log_tail)
{
    std::string_view last;
    while (!log_tail.empty()) {
        auto const end = log_tail.find_last_of("\r\n");
        auto const line = openjd::trim(
            end == std::string_view::npos ? log_tail : log_tail.substr(end + 1));
        log_tail = end == std::string_view::npos ? std::string_view() : log_tail.substr(0, end);
        if (line.empty())
            continue;
        if (tells(line))
            return line.substr(0, longest_line);
        last = last.empty() ? line : last;
    }
    return (last.empty() ? openjd::trim(message) : last).substr(0, longest_line);
}

std::string normalised(std::string_view line)
{
    std::string text;
    std::string_view rest = line.substr(0, longest_line);
    while (!rest.empty()) {
        auto length = static_cast<std::size_t>(
            std::find_if_not(rest.begin(), rest.end(), is_of_word) - rest.begin());
        // C:\films
        if (length == 1 && rest.size() > 2 && rest[1] == ':' && (rest[2] == '\\' || rest[2] == '/'))
            length = 2
                + static_cast<std::size_t>(
                    std::find_if_not(rest.begin() + 2, rest.end(), is_of_word) - rest.begin() - 2);
        if (length > 0) {
            add_word(text, rest.substr(0, length));
            rest.remove_prefix(length);
            continue;
        }
        auto const blank = rest.front() == ' ' || rest.front() == '\t';
        if (!blank || (!text.empty() && text.back() != ' '))
            text += blank ? ' ' : rest.front();
        rest.remove_prefix(1);
    }
    return text;
}

Signature signature_of(AttemptRecord const& ended)
{
    return { ended.cause, ended.exit_code, ended.signal,
        normalised(telling_line(ended.message, ended.log_tail)) };
}

std::string id_of(Signature const& signature)
{
    // FNV-1a.
    std::uint32_t hash = 0x811c9dc5;
    for (auto const byte : fmt::format("{} {} {} {}", static_cast<int>(signature.cause),
             signature.exit_code.value_or(-1), signature.signal.value_or(-1), signature.line))
        hash = (hash ^ static_cast<unsigned char>(byte)) * 0x01000193;
    return fmt::format("{:08x}", hash);
}

namespace {

std::size_t group_of(Job& job, Signature signature)
{
    auto& groups = job.failure_groups;
    auto const known = std::find_if(groups.begin(), groups.end(),
        [&](FailureGroup const& group) { return group.signature == signature; });
    if (known != groups.end())
        return static_cast<std::size_t>(known - groups.begin());
    if (groups.size() > FailureGroup::most)
        return FailureGroup::most;
    FailureGroup group;
    group.id = groups.size() == FailureGroup::most ? "other" : id_of(signature);
    group.signature = groups.size() == FailureGroup::most ? Signature {} : std::move(signature);
    groups.push_back(std::move(group));
    return groups.size() - 1;
}

}

void leave_group(Job& job, Trouble& trouble)
{
    if (trouble.group)
        --job.failure_groups[*trouble.group].tasks;
    trouble.group.reset();
}

void enter_group(Job& job, AttemptRecord const& ended)
{
    auto& trouble = job.steps[ended.step].troubles[ended.task];
    leave_group(job, trouble);
    auto const index = group_of(job, signature_of(ended));
    trouble.group = static_cast<std::uint32_t>(index);
    auto& group = job.failure_groups[index];
    group.first = group.failures == 0 ? ended.ended_at : std::min(group.first, ended.ended_at);
    group.last = std::max(group.last, ended.ended_at);
    ++group.tasks;
    ++group.failures;
    ++group.nodes[ended.node];
    if (ended.id > group.attempt) {
        group.attempt = ended.id;
        group.example = telling_line(ended.message, ended.log_tail);
    }
}

}
