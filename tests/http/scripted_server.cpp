#include "tests/http/scripted_server.hpp"

#include <sys/socket.h>

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <list>
#include <mutex>
#include <thread>

namespace evenkeel::tests {

namespace {

using asio::ip::tcp;

std::size_t content_length(std::string_view header) {
  constexpr std::string_view kName = "Content-Length: ";
  const auto at = header.find(kName);
  if (at == std::string_view::npos) return 0;
  std::size_t length = 0;
  std::from_chars(header.data() + at + kName.size(), header.data() + header.size(), length);
  return length;
}

template <typename Stream>
class PeerOn final : public Peer {
 public:
  PeerOn(Stream& stream, tcp::socket& socket) : stream_(stream), socket_(socket) {}

  std::string read_request() override {
    for (;;) {
      const auto end = buffer_.find("\r\n\r\n");
      if (end != std::string::npos) {
        const auto length = end + 4 + content_length(std::string_view(buffer_).substr(0, end));
        if (buffer_.size() >= length) {
          auto request = buffer_.substr(0, length);
          buffer_.erase(0, length);
          return request;
        }
      }
      char chunk[4096];
      boost::system::error_code error;
      const auto n = stream_.read_some(asio::buffer(chunk), error);
      if (error) return {};
      buffer_.append(chunk, n);
    }
  }

  bool write(std::string_view bytes) override {
    boost::system::error_code error;
    asio::write(stream_, asio::buffer(bytes.data(), bytes.size()), error);
    return !error;
  }

  void end_with_reset() override {
    boost::system::error_code ignored;
    socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  }

 private:
  Stream& stream_;
  tcp::socket& socket_;
  std::string buffer_;
};

}  // namespace

struct ScriptedServer::Impl {
  Impl(Script s, const std::string& address)
      : script(std::move(s)), acceptor(io, tcp::endpoint(asio::ip::make_address(address), 0)) {}

  void accept_all() {
    for (;;) {
      boost::system::error_code error;
      tcp::socket socket(io);
      acceptor.accept(socket, error);
      const std::lock_guard lock(mutex);
      if (error || stopping) return;
      const int number = ++accepted;
      auto& entry = sockets.emplace_back(std::move(socket));
      threads.emplace_back([this, number, &entry] { serve(entry, number); });
    }
  }

  void serve(tcp::socket& socket, int number) {
    if (tls) {
      asio::ssl::stream<tcp::socket&> stream(socket, *tls);
      boost::system::error_code error;
      stream.handshake(asio::ssl::stream_base::server, error);
      if (!error) {
        PeerOn peer(stream, socket);
        script(peer, number);
        stream.shutdown(error);
      }
    } else {
      PeerOn peer(socket, socket);
      script(peer, number);
    }
    const std::lock_guard lock(mutex);
    boost::system::error_code ignored;
    socket.close(ignored);
  }

  void start() {
    acceptor_thread = std::thread([this] { accept_all(); });
  }

  // Wakes every thread: a blocked accept or read returns once its socket is shut down.
  void stop() {
    {
      const std::lock_guard lock(mutex);
      stopping = true;
      ::shutdown(acceptor.native_handle(), SHUT_RDWR);
      for (auto& socket : sockets) {
        if (socket.is_open()) ::shutdown(socket.native_handle(), SHUT_RDWR);
      }
    }
    acceptor_thread.join();
    for (auto& thread : threads) thread.join();
  }

  Script script;
  asio::io_context io;
  tcp::acceptor acceptor;
  std::unique_ptr<asio::ssl::context> tls;
  std::mutex mutex;
  bool stopping = false;
  int accepted = 0;
  std::list<tcp::socket> sockets;
  std::list<std::thread> threads;
  std::thread acceptor_thread;
};

ScriptedServer::ScriptedServer(Script script, const std::string& address)
    : impl_(std::make_unique<Impl>(std::move(script), address)) {
  impl_->start();
}

ScriptedServer::ScriptedServer(Script script, const std::string& certificate,
                               const std::string& key)
    : impl_(std::make_unique<Impl>(std::move(script), "127.0.0.1")) {
  impl_->tls = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
  impl_->tls->use_certificate(asio::buffer(certificate), asio::ssl::context::pem);
  impl_->tls->use_private_key(asio::buffer(key), asio::ssl::context::pem);
  impl_->start();
}

ScriptedServer::~ScriptedServer() {
  impl_->stop();
}

std::uint16_t ScriptedServer::port() const {
  return impl_->acceptor.local_endpoint().port();
}

http::Url ScriptedServer::url(std::string target) const {
  return {.tls = impl_->tls != nullptr,
          .host = impl_->acceptor.local_endpoint().address().to_string(),
          .port = port(),
          .target = std::move(target)};
}

int ScriptedServer::connections() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->accepted;
}

std::string answer(std::string_view body, int status, std::string_view more_headers) {
  return "HTTP/1.1 " + std::to_string(status) +
         " Whatever\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         std::string(more_headers) + "\r\n" + std::string(body);
}

ScriptedServer::Script always(std::string reply) {
  return [reply = std::move(reply)](Peer& peer, int) {
    while (!peer.read_request().empty() && peer.write(reply)) {
    }
  };
}

std::uint16_t closed_port() {
  asio::io_context io;
  const tcp::acceptor acceptor(io, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0));
  return acceptor.local_endpoint().port();
}

}  // namespace evenkeel::tests
