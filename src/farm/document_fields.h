#pragma once

#include <base/time.h>
#include <openjd/template_fields.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Readers of fields that the farm's own documents share: a job's scheduling, the farm's rules. Each
// complains about what it does not understand and leaves the target as it is.
namespace sidereal::farm {

// A whole number from 1 on.
void read_count(
    openjd::Fields const& fields, std::string_view name, std::optional<std::uint64_t>& target);
// A number above 0.
void read_amount(
    openjd::Fields const& fields, std::string_view name, std::optional<double>& target);
void read_amount(openjd::Fields const& fields, std::string_view name, double& target);
// As an amount of seconds.
void read_seconds(openjd::Fields const& fields, std::string_view name, Duration& target);
void read_seconds(
    openjd::Fields const& fields, std::string_view name, std::optional<Duration>& target);
void read_flag(openjd::Fields const& fields, std::string_view name, bool& target);
std::string read_name(openjd::Fields const& fields, std::string_view name);
std::vector<std::string> read_names(openjd::Fields const& fields, std::string_view name);

// Reads a document whose root is an object; an empty one gives an empty T.
template<typename T, typename Read>
openjd::Checked<T> read_whole(std::string_view text, std::string_view file_name, Read const& read)
{
    if (text.empty())
        return T {};
    auto const document = openjd::parse_document(text, file_name);
    if (!document)
        return tl::unexpected(document.error());
    openjd::FaultList faults(file_name, 100);
    T result = read(openjd::Place(faults, *document, ""));
    if (!faults.empty())
        return tl::unexpected(faults.take());
    return result;
}

}
