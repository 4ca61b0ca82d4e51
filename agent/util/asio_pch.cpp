#include "agent/util/asio.hpp"
