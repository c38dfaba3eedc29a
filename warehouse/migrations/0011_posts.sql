-- Add country, post and gender of listed people (null means unknown, as for all earlier rows), and
-- the words that name posts and countries in texts.
alter table ref.speakers add column country varchar;
alter table ref.speakers add column post varchar;
alter table ref.speakers add column gender varchar;
create table ref.posts (post varchar, language varchar, country varchar, forms varchar);
create table ref.countries (country varchar, language varchar, forms varchar);
