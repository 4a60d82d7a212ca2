/** Declares an OpenAPI 3.1 document, as far as it is written here. */

import type { SecurityScheme } from '../decorators/security.js';

/** A Schema Object: JSON Schema 2020-12. */
export type JsonSchema = { readonly [keyword: string]: unknown };

export interface Reference {
  readonly $ref: string;
}

/** One parameter outside the content (OpenAPI 3.1 §4.8.12). */
export interface ParameterObject {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header' | 'cookie';
  readonly description?: string;
  readonly required?: boolean;
  readonly schema: JsonSchema;
  readonly [extension: `x-${string}`]: unknown;
}

export interface MediaTypeObject {
  readonly schema?: JsonSchema;
}

/** Media types, or ranges of them, by name. */
export type ContentObject = Readonly<Record<string, MediaTypeObject>>;

/** The content of a request, by media type (OpenAPI 3.1 §4.8.13). */
export interface RequestBodyObject {
  readonly description?: string;
  readonly required?: boolean;
  readonly content: ContentObject;
}

/** One answer, by media type (OpenAPI 3.1 §4.8.17). */
export interface ResponseObject {
  readonly description: string;
  readonly headers?: Readonly<Record<string, { readonly description: string; readonly schema: JsonSchema }>>;
  readonly content?: ContentObject;
}

/** Names of schemes with scopes: all of them are asked for. */
export type SecurityRequirement = Readonly<Record<string, readonly string[]>>;

/** What one route takes, and what it answers (OpenAPI 3.1 §4.8.10). */
export interface OperationObject {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary?: string;
  readonly description?: string;
  readonly deprecated?: boolean;
  readonly parameters?: readonly ParameterObject[];
  readonly requestBody?: RequestBodyObject;
  readonly responses: Readonly<Record<string, ResponseObject | Reference>>;
  /** One of these suffices. */
  readonly security?: readonly SecurityRequirement[];
  readonly [extension: `x-${string}`]: unknown;
}

/** Operations by method. */
export type Operations = Readonly<Record<string, OperationObject>>;

/** Operations by method in lower case; those of other methods under `x-oai-additionalOperations`. */
export type PathItemObject = { readonly [method: string]: OperationObject | Operations };

/** The document of one application (OpenAPI 3.1 §4.8.1). */
export interface OpenApiDocument {
  readonly openapi: '3.1.1';
  readonly info: { readonly title: string; readonly version: string; readonly description?: string };
  readonly servers?: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string; readonly description?: string }[];
  readonly paths: Readonly<Record<string, PathItemObject>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly responses: Readonly<Record<string, ResponseObject>>;
    readonly securitySchemes?: Readonly<Record<string, SecurityScheme>>;
  };
  readonly [extension: `x-${string}`]: unknown;
}

/** Where a path has its operations of methods that OpenAPI 3.1 knows not, by what OpenAPI 3.2 calls additionalOperations. */
export const OTHER_METHODS = 'x-oai-additionalOperations';
/** Where the document has operations that no path can name: of `*`, and of a path that another has taken. By method and path. */
export const OTHER_OPERATIONS = 'x-luminaire-operations';
/** Marks the parameter that takes what is left of a path, slashes included. */
export const REST_PARAMETER = 'x-luminaire-rest';
/** Holds the schema of the messages of a WebSocket. */
export const MESSAGES = 'x-luminaire-messages';
