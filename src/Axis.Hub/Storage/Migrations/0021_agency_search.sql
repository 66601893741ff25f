-- Names as people type them when they search: without accents, in lower case. Registry/VietnameseText does the same to
-- the question. The letters are listed in both cases, so that the result does not depend on the database's locale.

CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE FUNCTION fold_vietnamese(words text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT lower(translate(translate(words, U&'\0300\0301\0303\0309\0323\0302\0306\031B', ''),
        'àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ'
        'ÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬÈÉẺẼẸÊỀẾỂỄỆÌÍỈĨỊÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢÙÚỦŨỤƯỪỨỬỮỰỲÝỶỸỴĐ',
        'aaaaaaaaaaaaaaaaaeeeeeeeeeeeiiiiiooooooooooooooooouuuuuuuuuuuyyyyyd'
        'aaaaaaaaaaaaaaaaaeeeeeeeeeeeiiiiiooooooooooooooooouuuuuuuuuuuyyyyyd'))
$$;

ALTER TABLE agency ADD COLUMN name_folded text GENERATED ALWAYS AS (fold_vietnamese(name)) STORED;

CREATE INDEX agency_name_folded ON agency USING gin (name_folded gin_trgm_ops);
