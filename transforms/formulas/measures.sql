-- Shares, their intervals, and other measures of counts.

-- Return hits / total; null if total is 0. Parameters: hits: number of items of interest, for
-- instance the articles about a theme; total: number of all items.
create or replace macro share(hits, total) as
hits / nullif(total, 0)::double;

-- Return the lower end of the Wilson interval of a share, by default of 95 %; null if total is 0.
-- Parameters: hits: number of items of interest; total: number of all items; z: standard normal
-- quantile of the interval.
--
-- (2h + z² − z·√(z² + 4h(n − h)/n)) / 2(n + z²); Wilson (1927), as in Newcombe (1998), Statistics
-- in Medicine 17, method 3.
create or replace macro wilson_low(hits, total, z := 1.959964::double) as
case when total > 0 then greatest(0.0, (
    2 * hits + z * z - z * sqrt(z * z + 4 * hits * (total - hits) / total::double)
) / (2 * (total + z * z))) end;

-- Return the upper end of the Wilson interval of a share, as wilson_low. Parameters: hits: number
-- of items of interest; total: number of all items; z: standard normal quantile of the interval.
create or replace macro wilson_high(hits, total, z := 1.959964::double) as
1 - wilson_low(total - hits, total, z);

-- Return the lower quantile of a beta distribution by an approximation. Parameters: a: first shape;
-- b: second shape; p: 1 - 1 / (9 * a); q: 1 - 1 / (9 * b); z: standard normal quantile.
--
-- a·F / (a·F + b), where F is the cube of the approximation by Wilson and Hilferty to an F quantile
-- (Paulson 1942, Annals of Mathematical Statistics 13). With a = hits + ½ and b = total − hits + ½
-- (Brown, Cai and DasGupta 2001, Statistical Science 16(2)), probabilities differ by at most .006
-- from 2.5 %.
create or replace macro beta_quantile(a, b, p, q, z) as
1 - b / (a * power(
    greatest(p * p - z * z / (9 * a), 0) / (
        p * q + z * sqrt(q * q / (9 * a) + p * p / (9 * b) - z * z / (81 * a * b))
    ), 3
) + b);

-- Return the lower end of the 95 % Jeffreys interval of a share; null if total is 0. Parameters:
-- hits: number of items of interest, which may be a fraction, as for an effective sample size;
-- total: number of all items.
create or replace macro jeffreys_low(hits, total) as
case when total > 0 then beta_quantile(
    (hits + 0.5), (total - hits + 0.5),
    (1 - 1 / (9 * (hits + 0.5))), (1 - 1 / (9 * (total - hits + 0.5))), 1.959964::double
) end;

-- Return the upper end of the 95 % Jeffreys interval of a share; null if total is 0. Parameters:
-- hits: number of items of interest, which may be a fraction; total: number of all items.
create or replace macro jeffreys_high(hits, total) as
1 - jeffreys_low((total - hits), total);

-- Return a bound of the 95 % Jeffreys interval of a Poisson mean. Parameters: count: number of
-- events; sign: -1 for the lower bound, 1 for the upper.
--
-- A quantile of the gamma distribution with shape count + ½, by the approximation of Wilson and
-- Hilferty (1931), PNAS 17.
create or replace macro poisson_bound(count, sign) as
(count + 0.5) * power(
    greatest(1 - 1 / (9 * (count + 0.5)) + sign * 1.959964 / (3 * sqrt(count + 0.5)), 0), 3
);

-- Return the value that a standard normal variable exceeds with a probability. Parameters:
-- probability: at most 0.5.
--
-- Abramowitz and Stegun, 26.2.23.
create or replace macro normal_quantile(probability) as
sqrt(-2 * ln(probability))
- (
    2.515517 + 0.802853 * sqrt(-2 * ln(probability))
    + 0.010328 * power(sqrt(-2 * ln(probability)), 2)
) / (
    1 + 1.432788 * sqrt(-2 * ln(probability)) + 0.189269 * power(sqrt(-2 * ln(probability)), 2)
    + 0.001308 * power(sqrt(-2 * ln(probability)), 3)
);

-- Return normalised pointwise mutual information: 1 if two things always occur together, 0 if they
-- are independent, towards -1 if they avoid each other; null if they never occur together.
-- Parameters: pair_count: number of articles with both things; one_count: number with the first
-- thing; other_count: number with the second thing; total: number of all articles.
--
-- ln(p_xy / (p_x·p_y)) / −ln(p_xy), where p is a count divided by total. Bouma (2009), GSCL.
create or replace macro npmi(pair_count, one_count, other_count, total) as
case
    when pair_count = total then 1.0
    when pair_count > 0
        then round(ln(pair_count * total::double / (one_count::double * other_count))
            / -ln(pair_count / total::double), 12)
end;

-- Return the log-odds ratio of a term in two texts, with a Dirichlet prior; above 0, the term is
-- more frequent in the first. Parameters: y1: occurrences of the word in the first text; n1: number
-- of words in the first text; y2: occurrences in the second text; n2: number of words in the second
-- text; a: occurrences of the word in the prior; a0: number of words in the prior.
--
-- δ = ln((y1 + a)/(n1 + a0 − y1 − a)) − ln((y2 + a)/(n2 + a0 − y2 − a)). Monroe, Colaresi and Quinn
-- (2008), Fightin' Words, Political Analysis 16(4), equation 16.
create or replace macro log_odds(y1, n1, y2, n2, a, a0) as
ln((y1 + a) / (n1 + a0 - y1 - a)) - ln((y2 + a) / (n2 + a0 - y2 - a));

-- Return log_odds divided by its standard error. Parameters: y1: occurrences of the word in the
-- first text; n1: number of words in the first text; y2: occurrences in the second text; n2: number
-- of words in the second text; a: occurrences of the word in the prior; a0: number of words in the
-- prior.
--
-- z = δ / √(1/(y1 + a) + 1/(y2 + a)). Monroe, Colaresi and Quinn (2008), equations 18 and 22.
create or replace macro log_odds_z(y1, n1, y2, n2, a, a0) as
log_odds(y1, n1, y2, n2, a, a0) / sqrt(1.0 / (y1 + a) + 1.0 / (y2 + a));

-- Return the concentration of counts, as an aggregate, the sum of squared shares: from 1/n for n
-- equal counts to 1 for a single count above 0; null if the total is 0. Parameters: counts: column
-- with the counts.
--
-- Hirschman (1945) and Herfindahl (1950).
create or replace macro hhi(counts) as
sum(counts::double * counts) / nullif(sum(counts)::double * sum(counts), 0);

-- Return the sample cross-correlation of two series at a lag of k days, from deviations of each
-- from its mean. Parameters: earlier: list of the first series' deviations without the last k;
-- later: list of the second series' deviations without the first k; squares: sum of the first
-- series' squared deviations; other_squares: that of the second series.
--
-- Σ dx_t·dy_{t+k} / √(Σ dx²·Σ dy²). Box, Jenkins and Reinsel, Time Series Analysis, 12.1.
create or replace macro cross_correlation(earlier, later, squares, other_squares) as
list_dot_product(earlier, later) / sqrt(squares * other_squares);

-- Return Fisher's transform of a correlation, whose standard error with n independent pairs is 1 /
-- sqrt(n - 3). Parameters: correlation: from -1 to 1.
create or replace macro fisher_z(correlation) as
atanh(greatest(-0.999999, least(0.999999, correlation)));

-- Return the correlation of two columns, as an aggregate; null for fewer than five pairs or a
-- constant column. Parameters: one: first column; other: second column.
create or replace macro known_correlation(one, other) as
case when count(*) >= 5 and isfinite(corr(one, other)) then round(corr(one, other), 10) end;

-- Return the risk that a phrase was in use before a time without it. Parameters: usual_time:
-- longest pause divided by the number of days with uses; time_without: observed articles without
-- the phrase.
create or replace macro missed_risk(usual_time, time_without) as
least(coalesce(usual_time / nullif(time_without, 0), 1), 1);
