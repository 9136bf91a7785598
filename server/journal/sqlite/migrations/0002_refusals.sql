-- Keys of commands that were refused for good (SPEC D6), with the code; null: the command was done.

alter table command_keys add column refusal text;
