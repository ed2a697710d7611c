#include <io/asio.h>

#include <boost/asio/impl/src.hpp>
