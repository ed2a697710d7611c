#include <openjd/diagnostic.h>

#include <fmt/format.h>

#include <iterator>

namespace sidereal::openjd {

std::string to_string(Diagnostics const& faults)
{
    std::string out;
    for (auto const& fault : faults) {
        if (!out.empty())
            out += '\n';
        if (!fault.file.empty())
            fmt::format_to(std::back_inserter(out), "{}:", fault.file);
        if (fault.line > 0)
            fmt::format_to(std::back_inserter(out), "{}:{}:", fault.line, fault.column);
        if (!out.empty() && out.back() == ':')
            out += ' ';
        if (!fault.path.empty())
            fmt::format_to(std::back_inserter(out), "{}: ", fault.path);
        out += fault.message;
    }
    return out;
}

}
