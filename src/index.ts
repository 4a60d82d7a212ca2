/** The public names of Luminaire. */

export { openApiDocument } from './bootstrap/api-document.js';
export type { AppSetup, Double } from './bootstrap/app-setup.js';
export type { Application } from './bootstrap/application.js';
export { type AppOptions, type BootstrapOptions, bootstrap, createApp } from './bootstrap/bootstrap.js';
export { BootError, type Finding } from './bootstrap/checks/finding.js';
export {
  type Container,
  delay,
  inject,
  injectable,
  type Provider,
  type Resolve,
  requestScoped,
  scoped,
  singleton,
  type Token,
} from './bootstrap/container.js';
export type { DocsOptions } from './bootstrap/docs-options.js';
export { explainRequest, explainSteps, type Step } from './bootstrap/explain-request.js';
export { type AppLike, type AppReport, checkApp, listRoutes } from './bootstrap/inspect-app.js';
export type { ErrorReply } from './bootstrap/replies/error-mapping.js';
export type { RouteDescription, RouteEntry } from './bootstrap/route-table.js';
export type { Supervisor } from './cluster/supervisor.js';
export { Controller, type ControllerOptions } from './decorators/controller.js';
export { Doc, type DocDecorator, type DocOptions, type ResponseDoc } from './decorators/doc.js';
export { File, Files, Multipart, type NamedDecorator, Parts } from './decorators/files.js';
export type { Class, MiddlewareClass, MiddlewareInstance, Resolver } from './decorators/injected.js';
export { type LimitDecorator, MaxBodySize, Timeout } from './decorators/limits.js';
export type { ErrorClass, HandlerKey, Scope, Sends } from './decorators/metadata.js';
export { OnError, type OnErrorDecorator } from './decorators/on-error.js';
export {
  Body,
  type BodyDecorator,
  Cookie,
  From,
  Header,
  LastEventId,
  Param,
  Query,
  Req,
  Res,
  type SchemaDecorator,
  Signal,
  type TextDecorator,
  type TextSchemaDecorator,
  type TextsDecorator,
  type UnknownDecorator,
  type ValueDecorator,
} from './decorators/parameters.js';
export { type Encoded, type Encoder, type Offer, Produces, type ProducesDecorator } from './decorators/produces.js';
export { Returns, type ReturnsDecorator, Status, type StatusDecorator } from './decorators/replies.js';
export {
  Acl,
  Bind,
  Checkout,
  Connect,
  Copy,
  Delete,
  type EventsDecorator,
  Get,
  type HandlerDecorator,
  Head,
  Link,
  Lock,
  Merge,
  Mkactivity,
  Mkcalendar,
  Mkcol,
  Move,
  MSearch,
  Notify,
  Options,
  Patch,
  Post,
  Propfind,
  Proppatch,
  Purge,
  Put,
  Rebind,
  Report,
  Route,
  Search,
  Sse,
  Subscribe,
  Trace,
  Unbind,
  Unlink,
  Unlock,
  Unsubscribe,
  type VerbDecorator,
} from './decorators/route.js';
export {
  type OAuthFlow,
  Security,
  type SecurityDecorator,
  type SecurityOptions,
  type SecurityScheme,
} from './decorators/security.js';
export { Use, type UseDecorator } from './decorators/use.js';
export { type ConversationDecorator, Socket, type SocketDecorator, WebSocket } from './decorators/web-socket.js';
export type { Coding } from './http/accept-encoding.js';
export type { Backplane, Replay, TopicEvent, TopicMessage } from './http/events/backplane.js';
export type { Overflow, QueueOptions } from './http/events/bounded-queue.js';
export type { EventStream, EventStreamOptions } from './http/events/event-stream.js';
export type { HistoryOptions } from './http/events/memory-backplane.js';
export type { ServerSentEvent } from './http/events/server-sent-event.js';
export type { GapEvent, SubscribeOptions, Subscription } from './http/events/subscription.js';
export { Topic, type TopicOptions } from './http/events/topic.js';
export { FieldLines } from './http/field-lines.js';
export { type FileOptions, sendFile } from './http/files/file-content.js';
export type { SymbolicLinks } from './http/files/file-lookup.js';
export type { FormFields } from './http/forms/form-fields.js';
export type { FilePart, FormField, FormPart } from './http/forms/form-part.js';
export type { MultipartForm } from './http/forms/multipart.js';
export type { MultipartLimits, MultipartOptions } from './http/forms/multipart-options.js';
export { type FileDescription, type SaveOptions, UploadedFile } from './http/forms/uploaded-file.js';
export type { Handler, Middleware, Next } from './http/handler.js';
export type { Headers } from './http/headers.js';
export { HttpError, type HttpErrorOptions } from './http/http-error.js';
export type { Logger } from './http/logger.js';
export {
  type ConditionalRequest,
  checkPreconditions,
  evaluatePreconditions,
  type PreconditionOptions,
  type PreconditionOutcome,
  type Validators,
} from './http/preconditions.js';
export { type FileBody, type RedirectStatus, Reply, type ReplyHeaders } from './http/reply.js';
export { Request, type RequestState, type Scheme } from './http/request.js';
export { ClientGone } from './http/request-body.js';
export { requestContext } from './http/request-context.js';
export { type HeadListener, type HeadWriter, Response } from './http/response.js';
export type { StreamSource } from './http/stream-source.js';
export { acceptWebSocket } from './http/web-socket/web-socket-acceptor.js';
export { type WebSocketClose, WebSocketConnection } from './http/web-socket/web-socket-connection.js';
export type { RawMessage } from './http/web-socket/web-socket-message.js';
export type { WebSocketOptions } from './http/web-socket/web-socket-options.js';
export type { WorkersState } from './http/workers.js';
export { type AccessLogEntry, type AccessLogOptions, accessLog } from './middleware/access-log.js';
export { bodyLimit } from './middleware/body-limit.js';
export { type CompressOptions, compress } from './middleware/compress.js';
export { type ConditionalOptions, conditional } from './middleware/conditional.js';
export { type ConnectMiddleware, connect, connectRequest } from './middleware/connect/connect.js';
export type { ConnectFields, ConnectRequest } from './middleware/connect/connect-request.js';
export type { ContentSecurityPolicyOptions, PolicySource } from './middleware/content-security-policy.js';
export { type Cookies, type CookiesOptions, CurrentCookies, cookies, cookiesOf } from './middleware/cookies.js';
export { type AllowsOrigin, type CorsOptions, cors } from './middleware/cors.js';
export { type CsrfOptions, csrf } from './middleware/csrf.js';
export { type FilesOptions, files } from './middleware/files.js';
export { type HealthCheck, type HealthOptions, health } from './middleware/health.js';
export { type IdempotencyOptions, idempotency } from './middleware/idempotency/idempotency.js';
export type {
  ClaimedRequest,
  IdempotencyClaim,
  IdempotencyStore,
} from './middleware/idempotency/idempotency-store.js';
export { MemoryIdempotencyStore } from './middleware/idempotency/memory-idempotency-store.js';
export {
  type RateLimiter,
  type RateLimiterOutcome,
  type RateLimitOptions,
  rateLimit,
} from './middleware/rate-limit.js';
export { type RequestIdOptions, requestId } from './middleware/request-id.js';
export type { Secret } from './middleware/secrets.js';
export { type SecurityHeadersOptions, securityHeaders } from './middleware/security-headers.js';
export { MemorySessionStore } from './middleware/session/memory-session-store.js';
export {
  CurrentSession,
  type Session,
  type SessionChanges,
  type SessionOptions,
  session,
  sessionOf,
} from './middleware/session/session.js';
export type { SessionFields, SessionValues } from './middleware/session/session-record.js';
export type { SessionStore, SessionStoring } from './middleware/session/stored-session.js';
export { type CookieAttributes, CookieTooLarge } from './middleware/set-cookie.js';
export { timeout } from './middleware/timeout.js';
export type { Trust, Trusts } from './middleware/trust.js';
export { type TrustProxyOptions, trustProxy } from './middleware/trust-proxy.js';
export type {
  JsonSchema,
  OpenApiDocument,
  OperationObject,
  ParameterObject,
  PathItemObject,
  RequestBodyObject,
  ResponseObject,
} from './openapi/open-api-document.js';
export type { Method } from './protocol/methods.js';
export type { Query as RequestQuery, RequestTarget, TargetForm } from './protocol/target.js';
export type { Router } from './routing/router.js';
export type { Fetch, FetchOrigin } from './server/fetch.js';
export type { InjectedRequest } from './server/inject.js';
export type { NodeListener, NodeListenerOptions } from './server/node-listener.js';
export { type Env, Opts, type ServerOptions } from './server/opts.js';
export type { RequestEvent, ServedRoute } from './server/request-events.js';
export { type CloseOptions, type CloseReport, type ErrorCallback, type ErrorHandler, Server } from './server/server.js';
export { Datagram, type DatagramOrigin, DatagramTooLarge } from './sockets/datagram.js';
export { InheritedSocket } from './sockets/inherited.js';
export { JoinedSocket } from './sockets/joined.js';
export { ListenerClosed, type ListenerSocket, type SocketName } from './sockets/listener-socket.js';
export { MemorySocket } from './sockets/memory.js';
export { TcpSocket } from './sockets/tcp.js';
export { type Pem, type TlsCredentials, TlsSocket, type TlsSocketOptions } from './sockets/tls.js';
export { UdpSocket, type UdpSocketOptions } from './sockets/udp.js';
export { UnixSocket, type UnixSocketOptions } from './sockets/unix.js';
export type { ControllerClient, Sent, SentResponse } from './testing/controller-client.js';
export type { TestApp } from './testing/test-app.js';
export type { TestRequest } from './testing/test-request.js';
export type { TestSocketRequest } from './testing/test-socket.js';
