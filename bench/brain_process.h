#pragma once

#include <base/result.h>

#include <sys/types.h>

#include <cstdint>
#include <string>

// A real brain for benchmarks: the built binary on loopback, in a folder of its own.
namespace sidereal::bench {

class BrainProcess {
public:
    // Starts it and waits until it listens.
    static Result<BrainProcess> start(std::string const& binary);
    ~BrainProcess();
    BrainProcess(BrainProcess&& other) noexcept;
    BrainProcess& operator=(BrainProcess&&) = delete;

    std::uint16_t port() const { return port_; }
    pid_t pid() const { return pid_; }
    std::string const& folder() const { return folder_; }
    // User and system time of all its threads.
    double cpu_s() const;
    double resident_mib() const;
    // Bytes that it has given to the disk so far.
    double written_mib() const;

    // A call of its API that waits for the answer's body; anything but 2xx is an error.
    Result<std::string> get(std::string const& target) const;
    Result<std::string> post(std::string const& target, std::string body) const;

    // kill -9, then a new one on the same data; seconds until it listens.
    Result<double> kill_and_restart(std::string const& binary);

private:
    BrainProcess() = default;
    Status launch(std::string const& binary);
    void end(int signal);

    std::string folder_;
    pid_t pid_ { -1 };
    std::uint16_t port_ { 0 };
};

}
