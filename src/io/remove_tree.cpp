#include <io/file.h>

#include <base/verify.h>
#include <io/errno_error.h>
#include <io/unique_fd.h>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <memory>
#include <vector>

namespace sidereal::io {

namespace {

// Every level holds a descriptor open.
constexpr int depth_limit = 500;

struct CloseDirectory {
    void operator()(DIR* directory) const { ::closedir(directory); }
};
using Directory = std::unique_ptr<DIR, CloseDirectory>;

Status remove_entry(int parent, std::string const& name, std::string const& shown, int depth);

Result<Directory> open_directory(int parent, std::string const& name, std::string const& shown)
{
    constexpr int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    UniqueFd folder(::openat(parent, name.c_str(), flags));
    if (!folder && errno == EACCES && ::fchmodat(parent, name.c_str(), 0700, 0) == 0)
        folder = UniqueFd(::openat(parent, name.c_str(), flags));
    if (!folder)
        return fail_errno(errno, "cannot open {}", shown);
    Directory directory(::fdopendir(folder.get()));
    if (!directory)
        return fail_errno(errno, "cannot read {}", shown);
    folder.release();
    return directory;
}

Status empty_directory(int parent, std::string const& name, std::string const& shown, int depth)
{
    if (depth > depth_limit)
        return fail(ErrorCode::exhausted, "{} is nested deeper than {}", shown, depth_limit);
    auto const directory = TRY(open_directory(parent, name, shown));
    auto const fd = ::dirfd(directory.get());
    // A folder without write permission (as some tools leave their caches) cannot be emptied.
    ::fchmod(fd, 0700);
    while (auto const* entry = ::readdir(directory.get())) {
        std::string const child = entry->d_name;
        if (child == "." || child == "..")
            continue;
        TRY(remove_entry(fd, child, fmt::format("{}/{}", shown, child), depth + 1));
    }
    return {};
}

Status remove_entry(int parent, std::string const& name, std::string const& shown, int depth)
{
    if (::unlinkat(parent, name.c_str(), 0) == 0 || errno == ENOENT)
        return {};
    struct stat about { };
    auto const error = errno;
    if (::fstatat(parent, name.c_str(), &about, AT_SYMLINK_NOFOLLOW) != 0
        || !S_ISDIR(about.st_mode))
        return fail_errno(error, "cannot remove {}", shown);
    TRY(empty_directory(parent, name, shown, depth));
    if (::unlinkat(parent, name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT)
        return fail_errno(errno, "cannot remove the folder {}", shown);
    return {};
}

}

Status remove_tree(std::string const& path)
{
    // "link/" would mean what the link points to.
    auto const end = path.find_last_not_of('/');
    if (end == std::string::npos)
        return fail(ErrorCode::invalid_input, "refusing to remove '{}'", path);
    return remove_entry(AT_FDCWD, path.substr(0, end + 1), path, 0);
}

}
