-- Store the results of reviews of marts.candidate_phrases (seeds/candidate_reviews.csv).
create table ref.candidate_reviews (phrase varchar, language varchar, reviewed_on date,
    reviewer varchar, verdict varchar);
