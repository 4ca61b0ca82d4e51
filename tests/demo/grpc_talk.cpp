#include "tests/demo/grpc_talk.hpp"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include "agent/milvus/grpc_bytes.hpp"

namespace evenkeel::demo {
namespace {

std::shared_ptr<grpc::ChannelCredentials> credentials_of(const GrpcTls& tls) {
  if (tls.client_authority.empty()) return grpc::InsecureChannelCredentials();
  return grpc::SslCredentials({tls.client_authority, tls.key, tls.certificate});
}

}  // namespace

GrpcStatus ask(const GrpcQuestion& question, const google::protobuf::MessageLite& request,
               google::protobuf::MessageLite& response) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  grpc::GenericStub stub(
      grpc::CreateCustomChannel(question.authority, credentials_of(question.tls), arguments));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + question.deadline);
  for (const auto& [name, value] : question.metadata) context.AddMetadata(name, value);
  grpc::CompletionQueue queue;
  const auto call = stub.PrepareUnaryCall(&context, question.method,
                                          buffer_of(request.SerializeAsString()), &queue);
  call->StartCall();
  grpc::ByteBuffer answer;
  grpc::Status status;
  call->Finish(&answer, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  queue.Shutdown();
  while (queue.Next(&tag, &ok)) {
  }
  if (status.ok() && !response.ParseFromString(bytes_of(answer).value_or(""))) {
    return {GrpcCode::internal, "the answer cannot be read"};
  }
  return {static_cast<GrpcCode>(status.error_code()), status.error_message()};
}

}  // namespace evenkeel::demo
