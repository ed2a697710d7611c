#pragma once

#include <base/verify.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

namespace sidereal::io::testing {

// A folder of its own for one test, gone afterwards.
class TemporaryFolder {
public:
    TemporaryFolder()
        : path_("/tmp/sidereal-io-XXXXXX")
    {
        VERIFY(::mkdtemp(path_.data()));
    }
    ~TemporaryFolder()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(TemporaryFolder const&) = delete;
    TemporaryFolder& operator=(TemporaryFolder const&) = delete;

    std::string path() const { return path_; }
    std::string path(std::string_view name) const { return path_ + "/" + std::string(name); }

private:
    std::string path_;
};

}
