#!/usr/bin/env bash
# Draws the pictures of the README, with the commands printed there.
set -euo pipefail
cd "$(dirname "$0")/.."
torrid="target/release/torrid"
draw() { "$torrid" render "$@" --force --quiet; }
pictures=docs/pictures

draw fixtures/liverpool-crimes.csv.gz -o $pictures/liverpool.png --bandwidth 250m --width 1000 \
  --base land --legend --scale-bar --title "Street crime, Liverpool and Wirral, Oct-Nov 2018" \
  --attribution "Contains public sector information licensed under the OGL v3.0"
draw fixtures/earthquakes.csv -o $pictures/earthquakes.png --bandwidth 150km --norm log --width 1000 \
  --bounds 60,-60,-60,70 --base land-dark --legend --graticule --attribution USGS
draw fixtures/clicks-synthetic.csv -o $pictures/clicks.png --flat --bandwidth 20px --norm sqrt \
  --bounds 0,0,1280,900 --base fixtures/page.png --cmap classic --legend --title "Clicks (synthetic)"
draw fixtures/cities.csv -o $pictures/cities.png --weight population --bandwidth 60km --norm sqrt --width 1000 \
  --bounds -12,35,42,62 --base land --legend --attribution "GeoNames, CC BY 4.0"
draw fixtures/liverpool-crimes.csv.gz -o $pictures/sweep.png --bandwidths 100m,200m,400m,800m --width 1000 \
  --base land --legend
draw_figure() { "$torrid" figure "$@" --force --quiet; }
draw_figure fixtures/us-unemployment.csv -o $pictures/unemployment.png --ignore Annual --transpose --cmap rocket_r \
  --cbar-label "unemployed, %" --title "Unemployment in the United States" --figsize 9,3.4
draw_figure fixtures/iris.csv -o $pictures/iris.png --cluster both --row-colors species --standard-scale cols
"$torrid" colormaps -o $pictures/colormaps.webp --force
