const ID = 'id int generated always as identity primary key';
const CREATED_AT = 'created_at timestamptz not null default now()';
const VERSION = 'version int not null default 1';
const [USER, LIST, TODO] = ['user', 'list', 'todo'].map((one) => {
  return `${one}_id int not null references ${one}s on delete cascade`;
});

/** How the database came to be as it is, step by step. A step that has been released is never changed. */
export const MIGRATIONS: Readonly<Record<string, readonly string[]>> = {
  '001 accounts': [
    `create table users (${ID}, name text not null, password text not null, ${CREATED_AT})`,
    'create unique index users_name on users (lower(name))',
    'create table sessions (id text primary key, content text not null, expires_at timestamptz not null)',
    'create index sessions_expiry on sessions (expires_at)',
  ],
  '002 lists': [
    `create table lists (${ID}, title text not null, ${VERSION}, ${CREATED_AT})`,
    `create table members (
      ${LIST}, ${USER}, role text not null check (role in ('viewer', 'editor', 'owner')),
      primary key (list_id, user_id)
    )`,
    'create index members_user on members (user_id, list_id)',
  ],
  '003 todos': [
    `create table todos (
      ${ID}, ${LIST}, title text not null, notes text not null default '', is_done boolean not null default false,
      ${VERSION}, ${CREATED_AT}, updated_at timestamptz not null default now(),
      words tsvector generated always as (to_tsvector('simple', title || ' ' || notes)) stored
    )`,
    'create index todos_list on todos (list_id, id)',
    'create index todos_words on todos using gin (words)',
    `create table comments (
      ${ID}, ${TODO}, user_id int not null references users, text text not null, ${CREATED_AT}
    )`,
    'create index comments_todo on comments (todo_id, id)',
    `create table attachments (
      ${ID}, ${TODO}, file text not null, name text not null, type text not null, size int not null, ${CREATED_AT}
    )`,
    'create index attachments_todo on attachments (todo_id, id)',
  ],
  '004 changes': [
    // Without a reference to the list: what was done is kept when the list is not.
    `create table changes (
      ${ID}, list_id int not null, user_id int not null references users,
      action text not null, subject jsonb not null, ${CREATED_AT}
    )`,
    'create index changes_list on changes (list_id, id)',
    `create table idempotency_keys (
      ${USER}, key text not null, fingerprint text not null, reply jsonb, ${CREATED_AT},
      primary key (user_id, key)
    )`,
  ],
  '005 imports': [
    `create table imports (
      ${ID}, ${LIST}, user_id int not null references users,
      file text not null, total int not null, done int not null default 0, ${CREATED_AT}
    )`,
  ],
};
