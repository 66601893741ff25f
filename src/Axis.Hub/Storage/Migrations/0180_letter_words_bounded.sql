-- As Letters/SubjectWords cuts it now: the first 500 words of a subject, each once. A test holds the two together.
CREATE OR REPLACE FUNCTION letter_words(subject text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT array_to_tsvector(ARRAY(
        SELECT left(word, 64)
        FROM regexp_split_to_table(fold_vietnamese(subject),
            U&'[\0001-\002F\003A-\0060\007B-\00A0\00AB\00B7\00BB\2000-\205F\3000]+')
            WITH ORDINALITY AS split (word, place)
        WHERE word <> ''
        GROUP BY left(word, 64)
        ORDER BY min(place)
        LIMIT 500))
$$;
